using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Host.Demo;
using BeschutWerk.Host.Demo.Reference;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Municipalities.Reference;
using Microsoft.Extensions.Configuration;

namespace BeschutWerk.Rules.Tests.Demo;

/// <summary>The platform gives the municipalities of the letter the numbers with which the demo's history is made.</summary>
public sealed class ImportedRegulationTests
{
    private static readonly ReferenceData Reference = ReferenceData.Load(ReferenceData.DefaultFolder);

    [Theory]
    [InlineData(2017, "2018-06-15")]
    [InlineData(2018, "2018-06-15")]
    [InlineData(2017, "2026-11-29")]
    [InlineData(2018, "2026-11-29")]
    [InlineData(2018, "2027-01-01")]
    public void A_regulation_of_the_demo_is_accepted_and_all_of_it_counts_for_them(int year, string day)
    {
        var (today, division) = (DateOnly.Parse(day, null), ReferenceFiles.Division(new ConfigurationBuilder().Build()));
        var regulation = Reference.Regulations.Single(found => found.Year == year);
        var request = Imports.RequestOf(regulation, Reference);
        var rows = request.Numbers.Select(row => new PublishedNumber(row.Municipality, row.Number, row.Origin)).ToList();
        var shares = request.SplitShares.Select(share => new PublishedShare(share.Municipality, share.Successor, share.Number)).ToList();

        Assert.Empty(FieldRules.Check(request, today));
        var (published, effective) = (regulation.PublishedOn, regulation.EffectiveFrom);
        Assert.Null(RegulationRules.Check(rows, shares, request.StatedTotal, published, effective, division, today));
        var tenants = Reference.Municipalities.Select(municipality => municipality.Code).ToHashSet();
        var given = Allotment.OfTenants(new Allotment(effective, new RegulationShares(shares), tenants, division, today).Of(rows));
        Assert.Equal(
            Reference.NumbersIn(year).OrderBy(number => number.Key).Select(number => (number.Key, number.Value)),
            given.Values.OrderBy(number => number.Code).Select(number => (number.Code, number.Number)));
    }
}
