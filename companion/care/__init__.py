"""What no persona, card, memory or setting can switch off."""
