"""The papers people file and sign: quotes and acceptance certificates as PDF, in French and in English."""
