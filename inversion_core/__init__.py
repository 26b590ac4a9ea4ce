"""Model inversion, end to end: datasets, targets, exposures, attacks, defences and honest metrics.

The package never imports Streamlit; pages, the command line and cluster workers all go through `execute`.
"""
