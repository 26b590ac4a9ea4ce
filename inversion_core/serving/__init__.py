"""The prediction service a target is exposed through: keys, tiers, budgets, rates and a query log."""
