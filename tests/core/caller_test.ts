/** The caller's address behind proxies, and the network that stands for one subscriber. */
import { callerAddress, networkOf } from "@/core/caller.ts";
import { assertEquals } from "@/tests/assert.ts";

Deno.test("behind proxies the caller is who the outermost trusted one saw, whatever the caller claims", () => {
  const cases: [string | null, number, string][] = [
    [null, 0, "10.0.0.9"],
    ["1.1.1.1", 0, "10.0.0.9"],
    ["1.1.1.1", 1, "1.1.1.1"],
    ["6.6.6.6, 1.1.1.1", 1, "1.1.1.1"],
    ["6.6.6.6, 1.1.1.1, 10.0.0.2", 2, "1.1.1.1"],
    ["1.1.1.1", 2, "1.1.1.1"],
    [null, 1, "10.0.0.9"],
    [" , ", 1, "10.0.0.9"],
  ];
  for (const [said, proxies, expected] of cases) {
    assertEquals(callerAddress("10.0.0.9", said, proxies), expected, `${said} behind ${proxies}`);
  }
});

Deno.test("addresses of one subscriber are one network", () => {
  const cases: [string, string][] = [
    ["192.0.2.7", "192.0.2.7"],
    ["192.0.2.7:5123", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:0db8:0001:0002:ffff::1", "2001:db8:1:2"],
    ["[2001:db8:1:2::9]:443", "2001:db8:1:2"],
    ["2001:db8::9", "2001:db8:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["::1", "0:0:0:0"],
    ["local", "local"],
  ];
  for (const [address, expected] of cases) assertEquals(networkOf(address), expected, address);
});
