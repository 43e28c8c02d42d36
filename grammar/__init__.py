"""The grammar of dimension annotations, as package data: `dims.lark`."""
