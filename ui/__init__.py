"""What is seen and touched. Qt lives here and nowhere else."""
