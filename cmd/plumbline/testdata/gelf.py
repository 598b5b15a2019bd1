"""Sends messages to a GELF input by graypy: gelf.py tcp|udp HOST:PORT NUMBER"""
import logging
import sys
import time

import graypy



def wait(port):
    """Waits until what was sent to a port of this machine has been read: nobody
    holds back a sender of datagrams but itself."""
    while any(
        int(fields[1].split(":")[1], 16) == port and int(fields[4].split(":")[1], 16)
        for fields in map(str.split, open("/proc/net/udp").readlines()[1:])
    ):
        time.sleep(0.001)


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
    if way == "udp" and n % 20 == 19:
        wait(int(port))
handler.close()
