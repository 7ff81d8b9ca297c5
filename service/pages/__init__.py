"""The pages: plain HTML that works without JavaScript, thin over commands and queries."""
