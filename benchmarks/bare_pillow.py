"""What anybody would write with Pillow to make three sizes of a photo: the reference of benchmarks/media.py."""

import sys
from io import BytesIO

from PIL import Image, ImageOps

image = Image.open(sys.argv[1])
image.draft("RGB", (1920, 1920 * image.height // image.width))  # lying, as the photos of the benchmark
image = ImageOps.exif_transpose(image).convert("RGB")
for longest in (1920, 960, 320):
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    file = BytesIO()
    image.save(file, "WEBP", quality=80, method=2)
    sys.stdout.buffer.write(file.getvalue())
