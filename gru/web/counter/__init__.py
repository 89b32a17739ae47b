"""How are those served who come, call or write on paper: entry, receipt, waiting room, letters, kiosk?"""
