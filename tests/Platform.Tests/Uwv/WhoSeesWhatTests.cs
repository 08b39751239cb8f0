using System.Text;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using Google.Protobuf;

namespace BeschutWerk.Platform.Tests.Uwv;

public sealed class WhoSeesWhatTests(UwvPlatform platform) : IClassFixture<UwvPlatform>
{
    [Fact]
    public async Task UWV_sees_the_person_and_the_assessment()
    {
        var person = UwvPlatform.NewPerson();
        var id = await platform.AssessedAsync(UwvPlatform.FromMunicipality(person));

        var seen = (await platform.AsUwv.GetAdviceRequestAsync(UwvPlatform.Get(id))).AdviceRequest;

        Assert.Equal((person, UwvPlatform.PositiveAssessment()), (seen.Person, seen.Assessment));
    }

    [Fact]
    public async Task A_municipality_sees_the_outcome_and_never_why_nor_who()
    {
        var id = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));

        var seen = (await platform.AsMunicipality().GetAdviceRequestAsync(UwvPlatform.Get(id))).AdviceRequest;

        Assert.Null(seen.Person);
        Assert.Null(seen.Assessment);
        Assert.Equal((Verdict.Positive, Ground.Guidance), (seen.Advice.Verdict, seen.Advice.Ground));
        Assert.Equal(UwvPlatform.PositiveAssessment().SupportNeeds, seen.Advice.SupportNeeds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Before_the_advice_a_municipality_sees_a_citizens_request_only_if_he_agreed(bool agreed)
    {
        var (citizen, person) = (platform.NewCitizen(), UwvPlatform.NewPerson());
        var request = UwvPlatform.FromCitizen(person);
        request.SharedBeforeAdvice = agreed;
        var id = await platform.AssessedAsync(request, citizen);
        var get = UwvPlatform.Get(id);
        var explain = new ExplainAdviceRequest { Municipality = UwvPlatform.Amsterdam, AdviceRequestId = id };

        Assert.Equal(agreed ? person : null, (await platform.AsService.GetAdviceRequestAsync(get)).AdviceRequest.Person);
        Assert.Equal(agreed, await ListsAsync(platform.AsMunicipality(), AdviceState.Assessed, id));
        if (agreed)
        {
            Assert.Equal(id, (await platform.AsMunicipality().GetAdviceRequestAsync(get)).AdviceRequest.AdviceRequestId);
        }
        else
        {
            Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsMunicipality().GetAdviceRequestAsync(get))).Reason);
            Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsMunicipality().ExplainAdviceAsync(explain))).Reason);
        }

        await platform.AsUwv.IssueAdviceAsync(UwvPlatform.Issue(id));

        Assert.Equal(person, (await platform.AsService.GetAdviceRequestAsync(get)).AdviceRequest.Person);
        Assert.Null((await platform.AsMunicipality().GetAdviceRequestAsync(get)).AdviceRequest.Person);
        Assert.True(await ListsAsync(platform.AsMunicipality(), AdviceState.Issued, id));
    }

    [Fact]
    public async Task A_service_gets_no_person_of_a_municipalitys_own_request()
    {
        var id = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        Assert.Null((await platform.AsService.GetAdviceRequestAsync(UwvPlatform.Get(id))).AdviceRequest.Person);
    }

    [Fact]
    public async Task A_citizen_sees_his_own_request_and_nobody_elses()
    {
        var citizen = platform.NewCitizen();
        var own = await platform.AdvisedAsync(UwvPlatform.FromCitizen(UwvPlatform.NewPerson()), citizen);
        var others = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));

        var seen = (await platform.AsCitizen(citizen).GetAdviceRequestAsync(UwvPlatform.Get(own))).AdviceRequest;

        Assert.Null(seen.Assessment);
        Assert.Equal(Verdict.Positive, seen.Advice.Verdict);
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsCitizen(citizen).GetAdviceRequestAsync(UwvPlatform.Get(others)))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsCitizen(platform.NewCitizen()).GetAdviceRequestAsync(UwvPlatform.Get(own)))).Reason);
    }

    [Fact]
    public async Task Another_municipality_finds_nothing()
    {
        var id = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));

        Assert.Equal(ErrorReason.MunicipalityNotFound, (await UwvPlatform.RefusedAsync(platform.AsMunicipality(UwvPlatform.Utrecht).GetAdviceRequestAsync(UwvPlatform.Get(id)))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsMunicipality(UwvPlatform.Utrecht).GetAdviceRequestAsync(UwvPlatform.Get(id, UwvPlatform.Utrecht)))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsUwv.IssueAdviceAsync(UwvPlatform.Issue(id, UwvPlatform.Utrecht)))).Reason);
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsUwv.RecordAssessmentAsync(UwvPlatform.Assess(id, UwvPlatform.Utrecht)))).Reason);
    }

    [Fact]
    public async Task The_path_shows_the_answers_of_an_assessment_with_the_advice()
    {
        var citizen = platform.NewCitizen();
        var id = await platform.AssessedAsync(UwvPlatform.FromCitizen(UwvPlatform.NewPerson()), citizen);
        var explain = new ExplainAdviceRequest { Municipality = UwvPlatform.Amsterdam, AdviceRequestId = id };

        var before = await platform.AsCitizen(citizen).ExplainAdviceAsync(explain);
        Assert.False(before.Steps[^1].HasAnswer);
        Assert.Equal(Verdict.Unspecified, before.Verdict);
        Assert.True((await platform.AsUwv.ExplainAdviceAsync(explain)).Steps[^1].Answer);

        await platform.AsUwv.IssueAdviceAsync(UwvPlatform.Issue(id));

        var after = await platform.AsCitizen(citizen).ExplainAdviceAsync(explain);
        Assert.True(after.Steps[^1].Answer);
        Assert.Equal((Verdict.Positive, Ground.Guidance), (after.Verdict, after.Ground));
        Assert.Equal(new DateOnly(2017, 1, 1), after.RulesInForceFrom.ToDateOnly());
        Assert.DoesNotContain("huisbezoek", after.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_event_and_no_file_of_UWV_holds_a_person_or_a_motivation_in_the_clear()
    {
        var person = new Person { Bsn = UwvPlatform.NewPerson().Bsn, Name = "Kanarie van der Vogel", BirthDate = new DateOnly(1987, 6, 5).ToDate() };
        var request = UwvPlatform.FromCitizen(person);
        var id = await platform.RequestedAsync(request, platform.NewCitizen());
        var assess = UwvPlatform.Assess(id);
        assess.Assessment.Guidance.Motivation = "Kanariegeheim.";
        await platform.AsUwv.RecordAssessmentAsync(assess);
        await platform.AsUwv.IssueAdviceAsync(UwvPlatform.Issue(id));

        var events = await EventsOfAsync(id);
        Assert.Equal(["advice-requested", "assessment-recorded", "advice-issued"], events.Select(raised => raised.Type.Split('.')[^2]));
        string[] secrets = [person.Bsn, "Kanarie", "19870605"];
        Assert.All(events, raised => Assert.DoesNotContain(secrets, secret => raised.ToByteString().Span.IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0));
        Assert.All(
            Directory.GetFiles(Path.Combine(platform.Options.DataFolder, "uwv"), "*.db*"),
            file =>
            {
                var bytes = Bytes(file);
                Assert.DoesNotContain(secrets, secret => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0);
            });
        Assert.DoesNotContain(platform.Logged, line => secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_advice_on_a_citizens_own_request_tells_the_citizen_in_the_same_act()
    {
        var own = await platform.AdvisedAsync(UwvPlatform.FromCitizen(UwvPlatform.NewPerson()), platform.NewCitizen());
        var request = UwvPlatform.FromMunicipality(UwvPlatform.NewPerson());
        var asked = await platform.AdvisedAsync(request);

        Assert.True((await EventsOfAsync(own))[^1].Data.Unpack<AdviceIssued>().CitizenInformed);
        var issued = (await EventsOfAsync(asked))[^1].Data.Unpack<AdviceIssued>();
        Assert.Equal((false, request.RequesterReference), (issued.CitizenInformed, issued.RequesterReference));
    }

    private async Task<List<CloudEvent>> EventsOfAsync(string subject)
    {
        // Insight sees all of them.
        var feed = new EventService.EventServiceClient(platform.Service("insight"));
        var events = new List<CloudEvent>();
        ReadEventsResponse page;
        do
        {
            page = await feed.ReadEventsAsync(new ReadEventsRequest
            {
                Municipality = UwvPlatform.Amsterdam, Service = "uwv", OwnOnly = true, AfterSequence = events.LastOrDefault()?.Sequence ?? 0, PageSize = 1000,
            });
            events.AddRange(page.Events);
        }
        while (page.Events.Count > 0);
        return [.. events.Where(raised => raised.Subject == subject)];
    }

    private static async Task<bool> ListsAsync(AdviceService.AdviceServiceClient client, AdviceState state, string id)
    {
        var listed = await client.ListAdviceRequestsAsync(new() { Municipality = UwvPlatform.Amsterdam, State = state, PageSize = 500 });
        return listed.AdviceRequests.Any(request => request.AdviceRequestId == id);
    }

    private static byte[] Bytes(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
