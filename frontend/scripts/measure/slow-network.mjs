// A slow network before a product: everything that goes through waits half a round trip each way, and all connections
// share one line of so many bits a second in each direction. A connection costs a round trip before its first byte.
import { connect, createServer } from "node:net";

/** Gives the address in front of `url`. */
export async function slowNetwork(url, { roundTripMs, bitsPerSecond }) {
  const { hostname, port } = new URL(url);
  const lines = [{ freeAt: 0 }, { freeAt: 0 }];
  const sockets = new Set();
  const carry = (from, to, line, openAt) => {
    from.on("data", (data) => {
      const begins = Math.max(performance.now(), line.freeAt, openAt);
      line.freeAt = begins + (data.length * 8000) / bitsPerSecond;
      from.pause(); // as a full line would
      setTimeout(() => from.resume(), line.freeAt - performance.now());
      setTimeout(() => to.writable && to.write(data), line.freeAt - performance.now() + roundTripMs / 2);
    });
    from.on("end", () => setTimeout(() => to.end(), Math.max(0, line.freeAt - performance.now()) + roundTripMs / 2));
    from.on("error", () => to.destroy());
    from.on("close", () => sockets.delete(from));
    sockets.add(from);
  };
  const server = createServer((client) => {
    const product = connect(Number(port), hostname);
    const openAt = performance.now() + roundTripMs; // its handshake
    carry(client, product, lines[0], openAt);
    carry(product, client, lines[1], openAt);
  });
  await new Promise((resolve) => server.listen(0, hostname, resolve));
  return {
    url: `http://${hostname}:${server.address().port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
