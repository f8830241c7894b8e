"""The balcony of mails: it reads the log of acts and writes to those it concerns."""
