"""Side-by-side benchmarks: ours against the libraries that people use today, in one run."""
