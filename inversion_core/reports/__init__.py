"""An assessment as a document: one model of it, and what draws it as HTML, PDF, JSON and CSV."""
