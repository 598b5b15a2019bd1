"""Sends messages to a GELF input by graypy: gelf.py tcp|udp HOST:PORT NUMBER"""
import logging
import sys
import time

import graypy

way, address, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
host, port = address.rsplit(":", 1)
handlers = {"tcp": graypy.GELFTCPHandler, "udp": graypy.GELFUDPHandler}
handler = handlers[way](host, int(port))
logger = logging.getLogger("graypy-" + way)
logger.setLevel(logging.INFO)
logger.addHandler(handler)
for n in range(number):
    extra = {"number": n, "way": way}
    if n % 1000 == 0:
        # Does not fit a datagram, so that UDP sends it in chunks.
        extra["long"] = " ".join(str(i * i + n) for i in range(4000))
    logger.info("message %d by %s", n, way, extra=extra)
    if way == "udp" and n % 50 == 49:
        time.sleep(0.005)  # nobody holds back a sender of datagrams but itself
handler.close()
