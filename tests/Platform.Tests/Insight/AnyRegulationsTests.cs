using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Insight;
using BeschutWerk.Insight.Facts;
using BeschutWerk.Insight.FromMunicipalities;
using BeschutWerk.Municipalities;
using BeschutWerk.Municipalities.Quota;
using CsCheck;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Insight;

/// <summary>Whatever the regulations, in whatever order they come: a municipality's ledger and Insight give the same number.</summary>
public sealed class AnyRegulationsTests(InsightPlatform platform) : IClassFixture<InsightPlatform>
{
    // No test imports regulations of this year.
    private const int Year = 2031;

    private static readonly DateOnly NewYear = new(Year, 1, 1);
    private static readonly Caller Self = Caller.OfService("test");
    private static readonly DateTimeOffset Start = new(2030, 10, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A number that was recorded for the municipality: the first of a regulation, or another of the same one.</summary>
    private sealed record Told(Guid Regulation, DateOnly PublishedOn, DateOnly EffectiveFrom, int Number, DateTimeOffset RecordedAt);

    // In the order of recording; some of a regulation that was told before.
    private static readonly Gen<Told[]> Regulations =
        from parts in Gen.Select(Gen.Int[-60, 300], Gen.Int[0, 364], Gen.Int[0, 400], Gen.Int[0, 3]).Array[1, 6]
        select Tell(parts);

    [Fact]
    public async Task The_ledger_and_the_figure_give_the_same_number()
    {
        var days = Enumerable.Range(0, 365).Select(NewYear.AddDays).ToList();
        await (from told in Regulations from arrived in Gen.Shuffle(told) select (told, arrived)).SampleAsync(
            async (told, arrived) =>
            {
                await StoreAsync(told);
                await HearAsync(arrived);
                foreach (var known in told.Select(found => found.RecordedAt))
                {
                    var ledger = OfLedger(days, known);
                    Assert.Equal(ledger, days.Select(day => Holding(told.Where(found => found.RecordedAt <= known), day)));
                    Assert.Equal(ledger, OfInsight(days, known));
                }
            },
            iter: 25, threads: 1);
    }

    /// <summary>The rule, in words of its own: latest publication, then latest import, then latest recording.</summary>
    private static int? Holding(IEnumerable<Told> told, DateOnly day) => told.Where(found => found.EffectiveFrom <= day)
        .OrderBy(found => found.PublishedOn).ThenBy(found => found.Regulation).ThenBy(found => found.RecordedAt).LastOrDefault()?.Number;

    private static Told[] Tell((int Published, int Effective, int Number, int Again)[] parts)
    {
        var told = new List<Told>();
        for (var i = 0; i < parts.Length; i++)
        {
            var at = Start.AddMinutes(i);
            var part = parts[i];
            told.Add(part.Again == 0 && i > 0
                ? told[^1] with { Number = part.Number, RecordedAt = at }
                : new Told(Guid.CreateVersion7(at), DayOf(part.Published / 30 * 30), DayOf(part.Effective), part.Number, at));
        }

        return [.. told];
    }

    private static DateOnly DayOf(int days) => NewYear.AddDays(days);

    private Task StoreAsync(Told[] told) => Ledgers.WriteAsync(WriteInfo.Capture(Self), session =>
    {
        session.Command($"DELETE FROM quotas WHERE year = {Year}").ExecuteNonQuery();
        session.Store.Quotas.AddRange(told.Select(found => new AppliedQuota
        {
            RegulationId = found.Regulation, Year = Year, Number = found.Number,
            CountingUnit = CountingUnit.Places31Hours, Origin = QuotaOrigin.Regulation,
            PublishedOn = found.PublishedOn, EffectiveFrom = found.EffectiveFrom, Source = "Stcrt.", RecordedAt = found.RecordedAt,
        }));
        return true;
    });

    private Task HearAsync(Told[] arrived) => platform.Runtime.PlatformStore.WriteAsync(WriteInfo.Capture(Self), session =>
    {
        session.Command($"DELETE FROM quota_numbers WHERE year = {Year}").ExecuteNonQuery();
        foreach (var found in arrived)
        {
            QuotaReactions.Published(
                new QuotaPublished
                {
                    Year = Year, Number = found.Number, Source = "Stcrt.",
                    CountingUnit = CountingUnit.Places31Hours, Origin = QuotaOrigin.Regulation,
                    EffectiveFrom = found.EffectiveFrom.ToDate(), PublishedOn = found.PublishedOn.ToDate(),
                    RegulationId = found.Regulation.Text(),
                },
                new ReceivedEvent(
                    new SourceKey("municipalities", TenantId.Parse(Utrecht)),
                    new CloudEvent { Time = Timestamp.FromDateTimeOffset(found.RecordedAt) },
                    0),
                session);
        }

        return true;
    });

    private List<int?> OfLedger(List<DateOnly> days, DateTimeOffset known) => Ledgers.Read(Self, session =>
        days.ConvertAll(day => new Ledger(session.Command).NumberOn(day, known.ToUnixTimeMilliseconds())?.Places));

    private List<int?> OfInsight(List<DateOnly> days, DateTimeOffset known) => platform.Runtime.PlatformStore.Read(Self, session =>
    {
        var facts = session.Facts(known).Of(code => code == Utrecht);
        return days.ConvertAll(day => facts.NumbersOn(day).SingleOrDefault()?.Number);
    });

    private StoreHandle<MunicipalityStore> Ledgers =>
        platform.App.Services.GetRequiredService<ServiceRuntime<MunicipalityStore, MunicipalitiesStore>>()
            .TenantStores.Get(TenantId.Parse(Utrecht));
}
