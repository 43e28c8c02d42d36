"""The page of an archive: one HTML file, which loads nothing, with the model drawn as a picture."""
