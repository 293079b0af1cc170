"""The conversion report: from trial to paid, by path and cohort."""
