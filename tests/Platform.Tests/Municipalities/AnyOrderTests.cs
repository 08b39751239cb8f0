using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using CsCheck;
using Google.Protobuf;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>
/// Whatever a company tells of the placements of a case, and in whatever order: the case, its offers, its standings and what
/// others were told come out the same, on the real store, event by event.
/// </summary>
public sealed class AnyOrderTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private const int Orders = 3;

    private static readonly DateOnly First = new(2018, 3, 5);

    private static readonly EndReason[] Reasons = [EndReason.NotRenewed, EndReason.Banenafspraak, EndReason.Dropout, EndReason.Correction, EndReason.OtherShelteredEmployer];

    /// <summary>One placement: when it starts, for how long (0: without end), its hours and its changes, each of a kind on a day with hours or a reason.</summary>
    private static readonly Gen<((int Start, int Days, int Minutes) Place, (int Kind, int Day, int Value)[] Changes)[]> Placements = Gen.Select(
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 40], Gen.Int[60, 2400]), Gen.Select(Gen.Int[0, 3], Gen.Int[0, 60], Gen.Int[0, 4]).Array[0, 3]).Array[1, 3];

    [Fact]
    public async Task Any_order_of_telling_gives_the_same_case() => await Placements.SampleAsync(
        async placements =>
        {
            var told = new List<CaseRows.Told>();
            for (var order = 0; order < Orders; order++)
            {
                var (caseId, offerId) = await platform.OfferedAsync();
                await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
                var facts = Facts(placements, caseId, offerId);
                // An act that was recorded wrongly and taken back leaves nothing.
                if (order > 0) await RecordAndTakeBackAsync(caseId, offerId, isDropout: order == 1);
                // As they happened, the other way round, and the ends before the beginnings.
                if (order == 1) facts.Reverse();
                if (order == 2) facts = [.. facts.OrderByDescending(fact => fact is not PlacementsReported).ThenByDescending(fact => fact.CalculateSize())];
                var heard = (await platform.TimelineAsync(caseId)).Count;
                foreach (var fact in facts) await CaseRows.TellAsync(platform, [fact]);
                await MunicipalityPlatform.Eventually(
                    async () => (await platform.TimelineAsync(caseId)).Skip(heard).Count(name => name.StartsWith("placement", StringComparison.Ordinal)) == facts.Count, "all is heard");
                await platform.CaseAsync(caseId);
                told.Add(await CaseRows.OfAsync(platform, caseId));
            }

            Assert.Single(told.Distinct());
        },
        iter: 30, threads: 1);

    [Fact]
    public async Task Placements_that_follow_each_other_are_written_as_if_all_facts_had_been_looked_at()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        var heard = (await platform.TimelineAsync(caseId)).Count;
        // Each begins on the day after the one before, in several events and in one.
        var placements = Enumerable.Range(0, 12).Select(i => Placement(caseId, offerId, First.AddDays(10 * i), First.AddDays((10 * i) + 9), 900 + i)).ToList();
        foreach (var chunk in placements.Chunk(5)) await CaseRows.TellAsync(platform, [new PlacementsReported { CompanyId = MunicipalityPlatform.Company, Placements = { chunk } }]);
        await MunicipalityPlatform.Eventually(async () => (await platform.TimelineAsync(caseId)).Skip(heard).Count(name => name == "placements-reported") == 3, "all is heard");

        var found = await platform.CaseAsync(caseId);
        await CaseRows.OfAsync(platform, caseId);
        Assert.Equal((CaseState.DeterminedPositive, true, OfferState.Lapsed), (found.State, found.DutyOpen, found.Offer.State));
        Assert.Equal(["place-freed", "duty-to-offer-arose"], (await platform.TimelineAsync(caseId))[^2..]);
    }

    [Fact]
    public async Task Work_that_is_over_and_follows_a_place_that_was_told_to_be_free_is_written_as_if_all_facts_had_been_looked_at()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(Respond(caseId, offerId));
        // The day has turned before each next one is told; the last but one leaves a gap.
        for (var i = 0; i < 6; i++)
        {
            var start = First.AddDays((10 * i) + (i >= 4 ? 3 : 0));
            await CaseRows.TellAsync(platform, [new PlacementsReported
            {
                CompanyId = MunicipalityPlatform.Company,
                Placements = { Placement(caseId, offerId, start, start.AddDays(4), 900 + i), Placement(caseId, offerId, start.AddDays(5), start.AddDays(9), 800 + i) },
            }]);
            await MunicipalityPlatform.Eventually(
                async () => (await platform.TimelineAsync(caseId)).Count(name => name == "placements-reported") == i + 1, "it is heard");
            var found = await platform.CaseAsync(caseId);
            Assert.Equal((CaseState.DeterminedPositive, true, OfferState.Lapsed), (found.State, found.DutyOpen, found.Offer.State));
            await CaseRows.OfAsync(platform, caseId);
            Assert.Equal(["place-freed", "duty-to-offer-arose"], (await platform.TimelineAsync(caseId))[^2..]);
        }
    }

    private async Task RecordAndTakeBackAsync(string caseId, string offerId, bool isDropout)
    {
        if (isDropout)
        {
            await platform.Cases().RecordDropoutAsync(new RecordDropoutRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Illness, DroppedOutOn = On(2, 26),
            });
        }
        else
        {
            await platform.Cases().WithdrawOfferAsync(new WithdrawOfferRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, OfferId = offerId,
                Reason = "Vergissing.", WithdrawnOn = On(2, 26),
            });
        }

        var name = isDropout ? "candidate-dropped-out" : "offer-withdrawn";
        var timeline = new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId };
        var entries = (await platform.Cases().GetCaseTimelineAsync(timeline)).Entries;
        await platform.Cases().TakeBackActAsync(new TakeBackActRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = "Vergissing.", TakenBackOn = On(2, 27),
            EventId = entries.Last(entry => entry.Event.Type.EndsWith($".{name}.v1", StringComparison.Ordinal)).Event.Id,
        });
    }

    private static List<IMessage> Facts(((int Start, int Days, int Minutes) Place, (int Kind, int Day, int Value)[] Changes)[] placements, string caseId, string offerId)
    {
        var facts = new List<IMessage>();
        foreach (var (place, changes) in placements)
        {
            var start = First.AddDays(place.Start);
            DateOnly? last = place.Days == 0 ? null : start.AddDays(place.Days);
            var placement = Placement(caseId, offerId, start, last, place.Minutes);
            facts.Add(new PlacementsReported { CompanyId = MunicipalityPlatform.Company, Placements = { placement } });
            var version = 1;
            facts.AddRange(changes.Select(change => Change(placement, start, last, change, ++version)));
        }

        return facts;
    }

    private static ReportedPlacement Placement(string caseId, string offerId, DateOnly start, DateOnly? last, int minutes) =>
        new() { PlacementId = NewId(), CaseId = caseId, OfferId = offerId, StartOn = start.ToDate(), LastDay = last.ToDate(), MinutesPerWeek = minutes };

    private static IMessage Change(ReportedPlacement of, DateOnly start, DateOnly? last, (int Kind, int Day, int Value) change, int version)
    {
        var day = start.AddDays(last is { } until ? Math.Min(change.Day, until.DayNumber - start.DayNumber) : change.Day).ToDate();
        var reason = Reasons[change.Value];
        var cause = reason == EndReason.Dropout ? EndCause.Moved : EndCause.Unspecified;
        return change.Kind switch
        {
            0 => new PlacementEnded { PlacementId = of.PlacementId, CaseId = of.CaseId, OfferId = of.OfferId, LastDay = day, Reason = reason, Cause = cause, Version = version },
            1 => new PlacementEndCorrected { PlacementId = of.PlacementId, CaseId = of.CaseId, OfferId = of.OfferId, Version = version },
            2 => new PlacementEndCorrected { PlacementId = of.PlacementId, CaseId = of.CaseId, OfferId = of.OfferId, LastDay = day, Reason = reason, Cause = cause, Version = version },
            _ => new PlacementAmended { PlacementId = of.PlacementId, CaseId = of.CaseId, FromOn = day, MinutesPerWeek = 60 * (change.Value + 1), LastDay = of.LastDay, Version = version },
        };
    }
}
