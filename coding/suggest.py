def suggest(*a, **k): return []
def suggest_condition(*a, **k): return []
