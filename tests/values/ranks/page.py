"""The page of the documentation on several devices, as it runs on two ranks."""

from tests.values.pages import run


def the_page_runs() -> None:
    run("named-distributed.md")


TWO = (the_page_runs,)
