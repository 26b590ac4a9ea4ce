"""What measured runs mean for a decision: references, policy, rating, evidence, sign-off and gate."""
