using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Host.Demo;

namespace BeschutWerk.Rules.Tests.Demo;

public sealed class RunningPlatformTests
{
    private static readonly Uri Authority = new("http://platform.example:5180/");

    [Fact]
    public void Services_are_where_the_token_server_is_unless_they_are_said_to_be_elsewhere()
    {
        var platform = RunningPlatform.At(Authority, ["uwv=http://uwv.example:80"], "secret");

        Assert.Equal("http://platform.example:5101/", platform.Services["municipalities"]);
        Assert.Equal("http://platform.example:5105/", platform.Services["insight"]);
        Assert.Equal("http://uwv.example:80", platform.Services["uwv"]);
    }

    [Theory]
    [InlineData("http://uwv.example")]
    [InlineData("nobody=http://uwv.example")]
    [InlineData("uwv=here")]
    public void What_names_no_service_and_address_is_refused_with_what_to_write(string service)
    {
        var refused = Assert.Throws<StartupException>(() => RunningPlatform.At(Authority, [service], "secret"));
        Assert.Contains("municipalities=http://host:port", refused.Message, StringComparison.Ordinal);
    }
}
