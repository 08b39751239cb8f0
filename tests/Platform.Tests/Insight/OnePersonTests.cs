using static BeschutWerk.Platform.Tests.Insight.InsightPlatform;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Insight;

/// <summary>Who works in two municipalities is one person of the nation, and one of each of the two.</summary>
public sealed class OnePersonTests(InsightPlatform platform) : IClassFixture<InsightPlatform>
{
    [Fact]
    public async Task A_person_is_counted_once_in_the_nation_and_once_in_each_municipality()
    {
        var person = NewPerson();
        foreach (var code in new[] { Amsterdam, Utrecht })
        {
            var (caseId, offerId) = await platform.AcceptedAsync(code, person, 1000);
            await platform.AsCompany.ReportPlacementAsync(Place(caseId, offerId, code, 1000));
        }

        await platform.BecomesAsync(OnDay("at_work", On(4, 1), Amsterdam), "1");
        await platform.BecomesAsync(OnDay("at_work", On(4, 1), Utrecht), "1");
        await platform.BecomesAsync(In2018("positive_advices"), "2");
        await platform.BecomesAsync(OnDay("at_work", On(4, 1)), "1");
        await platform.BecomesAsync(OnDay("persons_holding_positive_advice", On(4, 1)), "1");
        // By its definition a share of the advices, of which the person has two.
        await platform.BecomesAsync(OnDay("at_work_share_of_advised", On(4, 1)), "50");
    }
}
