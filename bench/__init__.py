"""What the product costs beside the raw drivers doing the same work: ratios within one run."""
