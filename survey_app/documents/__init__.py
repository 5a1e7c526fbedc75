"""What every paper shares: letterhead, PDF renderer, Excel writer, charts."""
