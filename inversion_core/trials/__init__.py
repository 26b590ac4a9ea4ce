"""What happens between a scenario and its result, one module a modality; `execute` calls them."""
