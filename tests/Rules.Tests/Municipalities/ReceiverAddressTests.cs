using System.Net;
using BeschutWerk.Municipalities.Webhooks;
using CsCheck;

namespace BeschutWerk.Rules.Tests.Municipalities;

public sealed class ReceiverAddressTests
{
    private static readonly WebhookSettings Strict = new();
    private static readonly WebhookSettings Inside = new() { AllowHttp = true, AllowedNetworks = [IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("fd00:1::/32")] };

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("2a02:2770::1")]
    [InlineData("2001:610::1")]
    [InlineData("::ffff:8.8.8.8")]
    public void What_is_public_is_allowed(string address) => Assert.True(ReceiverAddress.IsAllowed(IPAddress.Parse(address), []));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.168.178.1")]
    [InlineData("198.19.255.255")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void What_is_not_public_is_refused(string address) => Assert.False(ReceiverAddress.IsAllowed(IPAddress.Parse(address), []));

    [Fact]
    public void What_an_operator_allowed_is_allowed_and_nothing_beside_it()
    {
        foreach (var address in new[] { "10.1.2.3", "::ffff:10.1.2.3", "fd00:1::5" }) Assert.True(ReceiverAddress.IsAllowed(IPAddress.Parse(address), Inside.AllowedNetworks), address);
        foreach (var address in new[] { "10.2.0.1", "127.0.0.1", "fd00:2::5" }) Assert.False(ReceiverAddress.IsAllowed(IPAddress.Parse(address), Inside.AllowedNetworks), address);
    }

    [Fact]
    public void An_IPv4_address_means_the_same_as_itself_inside_IPv6() =>
        Gen.UInt.Select(bits => new IPAddress(bits)).Sample(address => ReceiverAddress.IsAllowed(address, []) == ReceiverAddress.IsAllowed(address.MapToIPv6(), []));

    [Theory]
    [InlineData("https://gemeente.example/haak?token=geheim", null)]
    [InlineData("https://gemeente.example:8443/", null)]
    [InlineData("https://8.8.8.8/", null)]
    [InlineData("http://gemeente.example/", "Must begin with https://.")]
    [InlineData("ftp://gemeente.example/", "Must begin with https://.")]
    [InlineData("/haak", "Is no absolute URL.")]
    [InlineData("haak", "Is no absolute URL.")]
    [InlineData("https://", "Is no absolute URL.")]
    [InlineData("https://jan:geheim@gemeente.example/", "Holds a user name or password; the signature says who sends.")]
    [InlineData("https://gemeente.example/#deel", "Holds a fragment, which is never sent.")]
    [InlineData("https://127.0.0.1/", "Names an address that is not public.")]
    [InlineData("https://2130706433/", "Names an address that is not public.")]
    [InlineData("https://0x7f.1/", "Names an address that is not public.")]
    [InlineData("https://[::1]/", "Names an address that is not public.")]
    [InlineData("https://[::ffff:10.0.0.1]/", "Names an address that is not public.")]
    public void A_URL_is_refused_with_what_is_wrong_with_it(string url, string? fault) => Assert.Equal(fault ?? "none", ReceiverAddress.Fault(url, Strict) ?? "none");

    [Fact]
    public void What_an_operator_allowed_holds_for_URLs_too()
    {
        Assert.Null(ReceiverAddress.Fault("http://10.1.2.3/", Inside));
        Assert.NotNull(ReceiverAddress.Fault("http://10.2.2.3/", Inside));
    }
}
