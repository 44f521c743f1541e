"""Words to a document: reading text files, and putting spacing, Unicode and tone marks right."""
