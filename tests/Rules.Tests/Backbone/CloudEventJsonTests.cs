using System.Text;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Rules.Tests.BackboneRules;

/// <summary>What a broker delivers is an event, an event whose data the log must tell, or a message that is no event; nothing else is thrown.</summary>
public sealed class CloudEventJsonTests
{
    [Fact]
    public void An_event_reads_as_it_was_written() => Assert.Equal("Assen", Data(CloudEventJson.Read(Body())).Name);

    [Theory]
    [InlineData("\"Assen\"", "\"\\ud800\"")] // half a character
    [InlineData("\"Assen\"", "7")]
    [InlineData("\"name\"", "\"nameOfLater\"")]
    public void Data_that_cannot_be_read_is_left_to_the_log(string written, string instead) =>
        Assert.Null(CloudEventJson.Read(Replaced(written, instead)).Data);

    [Theory]
    [InlineData("\"subject\":\"GM0106\"", "\"subject\":\"\\ud800\"")]
    [InlineData("\"subject\":\"GM0106\"", "\"subject\":7")]
    [InlineData("\"sequence\":\"1\"", "\"sequence\":\"99999999999999999999\"")]
    [InlineData("\"id\"", "\"no\"")]
    public void A_message_that_is_no_event_is_named_so(string written, string instead) =>
        Assert.Throws<FormatException>(() => CloudEventJson.Read(Replaced(written, instead)));

    private static TenantRegistered Data(CloudEvent read) => TenantRegistered.Parser.ParseFrom(read.Data.Value);

    private static ReadOnlyMemory<byte> Replaced(string written, string instead)
    {
        var text = Encoding.UTF8.GetString(Body().Span);
        Assert.Contains(written, text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace(written, instead, StringComparison.Ordinal));
    }

    private static ReadOnlyMemory<byte> Body() => CloudEventJson.Write(new CloudEvent
    {
        Id = Guid.NewGuid().ToString("D"),
        Source = "urn:nld:oin:00000000000000000000:systeem:beschutwerk-municipalities:platform:00000000000000000000000000000000",
        Type = EventTypes.CloudType("tenant-registered"),
        Sequence = 1,
        Subject = "GM0106",
        Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
        Actor = "operator:operator",
        Data = new Any { Value = new TenantRegistered { Municipality = "GM0106", Name = "Assen" }.ToByteString() },
    });
}
