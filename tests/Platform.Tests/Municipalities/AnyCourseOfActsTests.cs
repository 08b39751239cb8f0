using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities;
using BeschutWerk.Municipalities.Cases;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>Acts of all parties in any order; after each of them all services say the same.</summary>
public sealed class AnyCourseOfActsTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private readonly AllServices _services = new(platform);
    private readonly List<string> _told = [];
    private readonly List<string> _cases = [];
    private readonly Dictionary<string, Person> _persons = [];
    private Random _random = new(0);
    private int _cursor;

    /// <summary>A few in the ordinary run. A long search sets the first and how many.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(
        int.Parse(Environment.GetEnvironmentVariable("COURSE_FROM") ?? "221"),
        int.Parse(Environment.GetEnvironmentVariable("COURSE_COUNT") ?? "5"))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task All_say_the_same(int seed)
    {
        _random = new Random(seed);
        for (var i = 0; i < 3; i++)
        {
            var person = NewPerson();
            _cases.Add(await platform.OpenedAsync(person: person));
            _persons[_cases[^1]] = person;
            await CaseRows.WriteAsync(platform, session =>
            {
                session.Record(_cases[^1]).Turn();
                return true;
            });
        }

        try
        {
            for (var step = 0; step < 90; step++)
            {
                _cursor = 10 + (step * 2);
                try
                {
                    await ActAsync(_cases[_random.Next(_cases.Count)]);
                }
                catch (RpcException refused)
                {
                    _told.Add("   refused " + refused.Status.Detail);
                    Assert.DoesNotContain(refused.StatusCode, new[] { StatusCode.Internal, StatusCode.Unknown, StatusCode.Unavailable, StatusCode.DeadlineExceeded });
                    continue;
                }

                await _services.AgreeAsync(_cases);
            }
        }
        catch (Exception error) when (error is not Xunit.Sdk.SkipException)
        {
            throw new InvalidOperationException(string.Join('\n', _told) + "\n" + error, error);
        }
        finally
        {
            await FreeAsync();
        }
    }

    private Google.Type.Date Day(int shift = 0) => new DateOnly(2018, 1, 2).AddDays(Math.Max(1, _cursor + _random.Next(-15, 10) + shift)).ToDate();

    private async Task ActAsync(string caseId)
    {
        var found = await platform.CaseAsync(caseId);
        var act = _random.Next(16);
        if (_random.Next(2) == 0)
        {
            act = found.State switch
            {
                CaseState.Identified or CaseState.AdviceWithdrawn or CaseState.DroppedOut => 0,
                CaseState.Requested => 2,
                CaseState.AdvisedPositive or CaseState.AdvisedNegative => 4,
                CaseState.DeterminedPositive or CaseState.OfferDeclined => 6,
                CaseState.OfferOpen => 8,
                CaseState.OfferAccepted => 15,
                _ => act,
            };
        }

        switch (act)
        {
            case 0 or 1:
                var ask = Ask(caseId);
                ask.ReceivedOn = Day(-6);
                Say($"ask {ask.ReceivedOn} of {caseId}");
                await platform.Cases().RequestAdviceAsync(ask);
                break;
            case 2 or 3 when found.AdviceRequestId.Length > 0:
                Say($"advise {found.AdviceRequestId} for {caseId}");
                await AdviseAsync(found.AdviceRequestId, _random.Next(4) > 0);
                break;
            case 4 or 5:
                var determine = Determine(caseId, decision: _random.Next(4) > 0 ? Determination.Positive : Determination.Negative);
                determine.DeterminedOn = determine.NotifiedOn = Day(10);
                determine.CarelessAdviceReason = (found.Verdict == Verdict.Positive) == (determine.Determination == Determination.Positive) ? "" : "Onzorgvuldig.";
                Say($"determine {determine.Determination} {determine.DeterminedOn} {caseId}");
                await platform.Cases().DetermineCaseAsync(determine);
                break;
            case 6 or 7:
                var offer = Offer(caseId);
                offer.OfferedOn = Day(10);
                offer.PlannedStart = offer.OfferedOn.ToDateOnly().AddDays(_random.Next(20)).ToDate();
                Say($"offer {offer.OfferedOn} for {offer.PlannedStart} {caseId}");
                await platform.Cases().OfferPlaceAsync(offer);
                break;
            case 8 or 9 when found.Offer is not null:
                var respond = Respond(caseId, found.Offer.OfferId, _random.Next(4) > 0, _random.Next(2) > 0);
                respond.AnsweredOn = Day(12);
                Say($"respond {respond.Accepted} {respond.AnsweredOn} {caseId}");
                await platform.Cases().RespondToOfferAsync(respond);
                break;
            case 10 when found.Offer is not null && _random.Next(2) == 0:
                Say($"withdraw {caseId}");
                await platform.Cases().WithdrawOfferAsync(new WithdrawOfferRequest
                {
                    Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, OfferId = found.Offer.OfferId, WithdrawnOn = Day(14), Reason = "x",
                });
                break;
            case 10 when _random.Next(3) == 0:
                var dropout = new RecordDropoutRequest { Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Illness, DroppedOutOn = Day(5) };
                Say($"dropout {dropout.DroppedOutOn} {caseId}");
                await platform.Cases().RecordDropoutAsync(dropout);
                break;
            case 11 or 12 or 13:
                await TakeBackAsync(caseId);
                break;
            case 14 when _random.Next(6) == 0 && _cases.Count > 2:
                var join = _cases.First(other => other != caseId);
                Say($"join {join} to {caseId}");
                await platform.Cases().CorrectPersonAsync(new CorrectPersonRequest
                {
                    Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Person = _persons[join], CorrectedOn = Day(), Reason = "Dubbel.", JoinCaseId = join,
                });
                _persons[caseId] = _persons[join];
                _cases.Remove(join);
                break;
            default:
                await WorkAsync(caseId, found);
                break;
        }
    }

    private async Task AdviseAsync(string id, bool positive)
    {
        var seen = (await platform.AsUwv.GetAdviceRequestAsync(new GetAdviceRequestRequest { Municipality = Amsterdam, AdviceRequestId = id })).AdviceRequest;
        var day = seen.ReceivedOn.ToDateOnly();
        await platform.AsUwv.RecordAssessmentAsync(new RecordAssessmentRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = id, AssessedOn = day.AddDays(1).ToDate(),
            Assessment = new Assessment
            {
                WorkCapacity = new WorkCapacity { CanPerformTask = Finding(true), HasBasicSkills = Finding(true), CanWorkOneHour = Finding(true), LoadableFourHours = Finding(true) },
                Adaptation = Finding(false), Guidance = Finding(positive), SupportNeeds = { SupportNeed.IntensiveGuidance },
            },
        });
        await platform.AsUwv.IssueAdviceAsync(new IssueAdviceRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), AdviceRequestId = id, IssuedOn = day.AddDays(2).ToDate(),
            Verdict = positive ? Verdict.Positive : Verdict.Negative, Ground = positive ? Ground.Guidance : Ground.RegularEmployerPossible,
        });

        static Finding Finding(bool answer) => new() { Answer = answer, Motivation = "Gezien tijdens het huisbezoek." };
    }

    private async Task WorkAsync(string caseId, Case found)
    {
        var placements = _services.Placements(caseId);
        if (found.Offer is not null && (placements.Count == 0 || _random.Next(3) == 0))
        {
            var place = Place(caseId, found.Offer.OfferId);
            place.Report.StartOn = Day(15);
            if (_random.Next(3) > 0)
            {
                place.Report.ContractType = ContractType.Fixed;
                place.Report.LastDay = place.Report.StartOn.ToDateOnly().AddDays(_random.Next(40)).ToDate();
            }

            Say($"place from {place.Report.StartOn} until {place.Report.LastDay} {caseId}");
            await platform.AsCompany.ReportPlacementAsync(place);
            return;
        }

        if (placements.Count == 0) return;
        var placement = placements[_random.Next(placements.Count)];
        var reason = new[] { EndReason.NotRenewed, EndReason.Regular, EndReason.Dropout, EndReason.Correction }[_random.Next(4)];
        var last = Day(25);
        if (_random.Next(2) == 0)
        {
            Say($"end {placement} {last} {reason} {caseId}");
            await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = last, Reason = reason,
                Cause = reason == EndReason.Dropout ? EndCause.Illness : EndCause.Unspecified,
            });
            return;
        }

        var never = _random.Next(3) == 0;
        Say($"correct end {placement} {(never ? "never" : $"{last} {reason}")} {caseId}");
        await platform.AsCompany.CorrectPlacementEndAsync(never
            ? new CorrectPlacementEndRequest { Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, NeverEnded = true }
            : new CorrectPlacementEndRequest
            {
                Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = last, Reason = reason,
                Cause = reason == EndReason.Dropout ? EndCause.Illness : EndCause.Unspecified,
            });
    }

    private async Task TakeBackAsync(string caseId)
    {
        var entries = (await platform.Cases().GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = Amsterdam, CaseId = caseId })).Entries;
        var acts = entries.Where(entry => entry.Event.Type.Split('.')[^2] is "case-determined" or "place-offered" or "offer-answered" or "offer-withdrawn"
            or "alternative-offered" or "candidate-dropped-out").ToList();
        if (acts.Count == 0) return;
        var act = acts[_random.Next(acts.Count)];
        Say($"take back {act.Event.Type.Split('.')[^2]} {act.Event.Id} {caseId}");
        await platform.Cases().TakeBackActAsync(new TakeBackActRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, EventId = act.Event.Id, Reason = "x", TakenBackOn = On(12, 1),
        });
    }

    private async Task FreeAsync()
    {
        // The next course has the number to itself.
        foreach (var caseId in _cases)
        {
            foreach (var placement in _services.Placements(caseId))
            {
                try
                {
                    await platform.AsCompany.EndPlacementAsync(new EndPlacementRequest
                    {
                        Municipality = Amsterdam, RequestId = NewId(), PlacementId = placement, LastDay = On(12, 1), Reason = EndReason.Retired,
                    });
                }
                catch (RpcException)
                {
                }
            }

            await platform.App.Services.GetRequiredService<ServiceRuntimes>().CaughtUpAsync(TestContext.Current.CancellationToken);
            try
            {
                await platform.Cases().RecordDropoutAsync(new RecordDropoutRequest
                {
                    Municipality = Amsterdam, RequestId = NewId(), CaseId = caseId, Reason = DropoutReason.Other, DroppedOutOn = On(12, 31),
                });
            }
            catch (RpcException)
            {
            }
        }
    }

    private void Say(string what) => _told.Add(what);
}
