"""What Vietnamese is: letters, syllables and the placement of tone marks.

Nothing here knows of files, pages or models; text goes in in any normal form and comes out in NFC.
"""
