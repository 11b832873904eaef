"""What came by mail, told for what it is: octets go in, values go out. No mailbox, no store, no clock."""
