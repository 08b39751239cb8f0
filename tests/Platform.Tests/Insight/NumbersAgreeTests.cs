using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Municipalities;
using BeschutWerk.Municipalities.Quota;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Insight;

/// <summary>
/// Regulations of one year, imported in every order: on every day, as known at every instant, a municipality's ledger and the
/// national figure say the same number, and it is that of the latest publication that holds. Each order has a year of its own.
/// </summary>
public sealed class NumbersAgreeTests(InsightPlatform platform) : IClassFixture<InsightPlatform>
{
    private static readonly Caller Reader = Caller.OfService("test");

    private ServiceRuntime<MunicipalityStore, MunicipalitiesStore> Municipalities =>
        platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>();

    /// <summary>The number of Amsterdam, and by which dates of the year it was published and holds.</summary>
    private sealed record Told(int Number, DateOnly PublishedOn, DateOnly EffectiveFrom);

    [Theory]
    [InlineData(2019, "ABC", 120)]
    [InlineData(2020, "ACB", 120)]
    [InlineData(2021, "BAC", 120)]
    [InlineData(2022, "BCA", 120)]
    [InlineData(2023, "CAB", 120)]
    [InlineData(2024, "CBA", 120)]
    [InlineData(2025, "DE", 40)]
    [InlineData(2026, "ED", 40)]
    public async Task The_latest_publication_holds_in_whatever_order_it_was_imported(int year, string order, int onTheFirstOfMay)
    {
        var told = new List<Told>();
        var instants = new List<DateTimeOffset>();
        foreach (var letter in order)
        {
            told.Add(Publication(letter, year));
            await platform.Quotas.ImportQuotaRegulationAsync(Import(told[^1], year));
            instants.Add(await InstantAsync());
        }

        await Fixtures.PlatformFixture.Eventually(() => Task.FromResult(Heard(year) == order.Length), "Insight heard of all");
        Assert.Equal(onTheFirstOfMay, NumberOfLedger(new DateOnly(year, 5, 1), DateTimeOffset.MaxValue));
        for (var known = 0; known < instants.Count; known++)
        {
            var facts = Facts(instants[known]);
            for (var day = new DateOnly(year, 1, 1); day.Year == year; day = day.AddDays(1))
            {
                var holding = told.Take(known + 1).Where(found => found.EffectiveFrom <= day).MaxBy(found => found.PublishedOn)?.Number;
                var ofInsight = facts.NumbersOn(day).SingleOrDefault(number => number.Municipality == Amsterdam)?.Number;
                Assert.Equal((day, known, holding, holding), (day, known, NumberOfLedger(day, instants[known]), ofInsight));
            }
        }

        var first = On(5, 1, year);
        Assert.Equal(onTheFirstOfMay, (await platform.LedgerAsync(Amsterdam, first)).MinisterialNumber);
        Assert.Equal($"{onTheFirstOfMay}", await platform.ValueAsync(InsightPlatform.OnDay("quota_number", first, Amsterdam)));
        var list = await platform.Quotas.ListQuotasAsync(new ListQuotasRequest { Year = year });
        var listed = list.Numbers.Single(row => row.Municipality == Amsterdam);
        Assert.Equal(NumberOfLedger(new DateOnly(year, 12, 31), DateTimeOffset.MaxValue), listed.Number);
    }

    private static Told Publication(char letter, int year) => letter switch
    {
        'A' => new(100, new(year - 1, 11, 30), new(year, 1, 1)),
        'B' => new(80, new(year, 3, 1), new(year, 4, 1)),
        'C' => new(120, new(year, 6, 1), new(year, 1, 1)),
        'D' => new(50, new(year - 1, 11, 30), new(year, 1, 1)),
        _ => new(40, new(year, 2, 1), new(year, 1, 1)),
    };

    private static ImportQuotaRegulationRequest Import(Told told, int year) => new()
    {
        RequestId = NewId(), Year = year, Source = $"Stcrt. {told.PublishedOn:o}",
        CountingUnit = CountingUnit.Places31Hours, StatedTotal = told.Number + 88,
        PublishedOn = told.PublishedOn.ToDate(), EffectiveFrom = told.EffectiveFrom.ToDate(),
        Numbers =
        {
            Row(Amsterdam, told.Number), Row(Utrecht, 1), Row(Groningen, 70), Row(Terschelling, 0), Row("GM0518", 10), Row(Westerwolde, 7),
        },
    };

    private int? NumberOfLedger(DateOnly day, DateTimeOffset knownAt) => Municipalities.TenantStores.Get(TenantId.Parse(Amsterdam))
        .Read(Reader, session => new Ledger(session.Command).NumberOn(day, knownAt.ToUnixTimeMilliseconds())?.Places);

    private int Heard(int year) => Facts(DateTimeOffset.MaxValue).Numbers
        .Count(number => number.Publication.Year == year && number.Municipality == Amsterdam);

    private FactSet Facts(DateTimeOffset knownAt) => platform.Runtime.PlatformStore.Read(Reader, session =>
    {
        var facts = session.Facts(knownAt);
        // Lazy: read while the session is open.
        _ = facts.Numbers.Count;
        return facts;
    });
}
