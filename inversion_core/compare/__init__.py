"""Put stored results side by side: what may be compared, pooled over seeds, defence by attack.

Works on JSON alone and imports neither torch nor the store, so that a page paints a stored matrix at once.
"""
