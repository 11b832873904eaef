"""Templates to mail, plan to calendar, plan to report: views, which decide nothing."""
