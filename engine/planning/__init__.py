"""What should be sent and shown, decided purely: plan, close, arrange, reconcile, progress."""
