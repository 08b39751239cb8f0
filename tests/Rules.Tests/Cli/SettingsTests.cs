using BeschutWerk.Cli;

namespace BeschutWerk.Rules.Tests.CliRules;

/// <summary>Where services are by the options. What comes from the environment, a process of its own shows (<c>Platform.Tests/Cli</c>).</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("status", "http://localhost:5100/", "http://localhost:5100/")]
    [InlineData("status --split", "http://localhost:5101/", "http://localhost:5102/")]
    [InlineData("status --address http://one:1", "http://one:1/", "http://one:1/")]
    [InlineData("status --address http://one:1 --at uwv=https://two:2", "http://one:1/", "https://two:2/")]
    [InlineData("status --split --at municipalities=http://two:2", "http://two:2/", "http://localhost:5102/")]
    public void Services_are_together_or_each_alone_or_wherever_it_is_said(string line, string municipalities, string uwv)
    {
        var settings = new Settings();
        var addresses = settings.Addresses(Bw.Root(settings).Parse(line));
        Assert.Equal((municipalities, uwv), (addresses["municipalities"].ToString(), addresses["uwv"].ToString()));
    }
}
