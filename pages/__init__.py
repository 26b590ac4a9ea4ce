"""The pages of the app, one sub-folder a journey; `ui` holds what they share."""
