"""One module for each framework; all of them build and run what `workloads` describes."""
