using System.Globalization;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Insight.Protection;

/// <summary>From which count on a number is told.</summary>
/// <param name="SmallestCount">
/// The smallest count that anybody may know of others; regional counts are told in multiples of it. CBS tells the same subject (SRG)
/// in multiples of ten. Configuration: <c>Figures:SmallestCount</c>.
/// </param>
public sealed record SmallNumberSettings(int SmallestCount = SmallNumberSettings.Default)
{
    private const int Default = 5;

    /// <summary>As configured.</summary>
    /// <exception cref="StartupException">The setting cannot be read.</exception>
    public static SmallNumberSettings From(IConfiguration configuration)
    {
        if (configuration["Figures:SmallestCount"] is not { } text) return new SmallNumberSettings();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 3 and <= 100
            ? new SmallNumberSettings(count)
            : throw new StartupException("Figures:SmallestCount is no whole number of 3 to 100.");
    }
}
