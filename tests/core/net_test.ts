/** Which addresses are everybody's: private networks are not, in whatever form they are written. */
import { bare, isAddress, isPublicAddress } from "@/core/net.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("private, local, reserved and wrapped addresses are not public; others are", () => {
  const closed = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "not an address",
    "",
    "1.2.3",
    "1.2.3.256",
    "1:2:3",
    "1::2::3",
  ];
  const open = [
    "1.1.1.1",
    "8.8.8.8",
    "100.128.0.1",
    "172.32.0.1",
    "192.169.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
  ];
  assertEquals(closed.filter(isPublicAddress), []);
  assertEquals(open.filter((address) => !isPublicAddress(address)), []);
  assertEquals([isAddress("[::1]"), isAddress("1.2.3.4"), isAddress("face.example")], [true, true, false]);
  assertEquals(bare("[::1]"), "::1");
});
