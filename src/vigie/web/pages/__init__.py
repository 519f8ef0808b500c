"""The pages: what people read. Each module serves one of them."""
