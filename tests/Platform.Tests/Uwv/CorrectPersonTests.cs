using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Sector.Persons;
using BeschutWerk.UwvAdvice.National;

namespace BeschutWerk.Platform.Tests.Uwv;

/// <summary>Who a request is about changes by a correction of the municipality, and by nothing else.</summary>
public sealed class CorrectPersonTests(UwvPlatform platform) : IClassFixture<UwvPlatform>
{
    [Fact]
    public async Task A_second_request_changes_nobody_on_record_and_shows_the_adviser_what_it_said()
    {
        var person = UwvPlatform.NewPerson();
        await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        var second = UwvPlatform.FromCitizen(person.Clone());
        (second.Person.Name, second.ReceivedOn) = ("Een andere naam", UwvPlatform.Issued.AddDays(1).ToDate());
        var citizen = platform.NewCitizen();
        var id = await platform.RequestedAsync(second, citizen);

        var seen = (await platform.AsUwv.GetAdviceRequestAsync(UwvPlatform.Get(id))).AdviceRequest;
        Assert.Equal((person, second.Person), (seen.Person, seen.GivenPerson));
        // What UWV knows of a person from elsewhere is nobody else's.
        Assert.Null((await platform.AsCitizen(citizen).GetAdviceRequestAsync(UwvPlatform.Get(id))).AdviceRequest.GivenPerson);
        Assert.Null((await platform.AsService.GetAdviceRequestAsync(UwvPlatform.Get(id))).AdviceRequest.GivenPerson);
        Assert.Null((await SeenAsync(await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson())))).GivenPerson);
    }

    [Fact]
    public async Task A_corrected_name_is_that_of_all_requests_and_ends_the_difference()
    {
        var person = UwvPlatform.NewPerson();
        var first = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(person));
        var again = UwvPlatform.FromMunicipality(person.Clone());
        again.Person.BirthDate = new DateOnly(1991, 1, 1).ToDate();
        var second = await platform.RequestedAsync(again);
        Assert.NotNull((await SeenAsync(second)).GivenPerson);
        var version = (await SeenAsync(second)).Version;

        await platform.AsService.CorrectPersonAsync(Correct(again.Person, second));

        Assert.Equal(again.Person, (await SeenAsync(first)).Person);
        var seen = await SeenAsync(second);
        Assert.Equal((again.Person, null, version + 1), (seen.Person, seen.GivenPerson, seen.Version));
        // The same once more, as another call: nothing is left to correct.
        await platform.AsService.CorrectPersonAsync(Correct(again.Person, second));
        Assert.Equal(version + 1, (await SeenAsync(second)).Version);
    }

    [Fact]
    public async Task A_corrected_BSN_frees_the_wrong_one_and_holds_the_right_one()
    {
        var (wrong, right) = (UwvPlatform.NewPerson(), UwvPlatform.NewPerson());
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(wrong));

        var correct = Correct(right, id);
        Assert.False((await platform.AsService.CorrectPersonAsync(correct)).OtherRequestRunning);
        Assert.False((await platform.AsService.CorrectPersonAsync(correct)).OtherRequestRunning);

        Assert.Equal(right, (await SeenAsync(id)).Person);
        Assert.Equal(
            ErrorReason.RequestAlreadyRunning,
            (await UwvPlatform.RefusedAsync(platform.AsService.RequestAdviceAsync(UwvPlatform.FromMunicipality(right, UwvPlatform.Utrecht)))).Reason);
        await platform.RequestedAsync(UwvPlatform.FromMunicipality(wrong, UwvPlatform.Utrecht));
        Assert.Null(platform.Runtime.TenantStores.Get(TenantId.Parse(UwvPlatform.Amsterdam)).Read(UwvPlatform.Self, session => session.Persons.Find(wrong.Bsn)));
    }

    [Fact]
    public async Task A_correction_joins_what_belongs_together_and_leaves_the_person_whose_BSN_it_was()
    {
        var (ours, theirs) = (UwvPlatform.NewPerson(), UwvPlatform.NewPerson());
        var own = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(theirs));
        var mistaken = UwvPlatform.FromMunicipality(ours.Clone());
        mistaken.Person.Bsn = theirs.Bsn;
        var id = await platform.RequestedAsync(mistaken);
        var earlier = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(ours, UwvPlatform.Utrecht));

        await platform.AsService.CorrectPersonAsync(Correct(ours, id));

        Assert.Equal((theirs, ours), ((await SeenAsync(own)).Person, (await SeenAsync(id)).Person));
        Assert.Equal(new[] { id, earlier }.Order(), IndexedFor(ours).Order());
        Assert.Equal([own], IndexedFor(theirs));
    }

    [Fact]
    public async Task What_a_citizen_said_in_a_request_that_they_did_not_share_is_not_corrected_by_the_municipality()
    {
        // Once they have a request of the municipality too, once its request turns out to be about them.
        var (told, other) = (UwvPlatform.NewPerson(), UwvPlatform.NewPerson());
        var ofBefore = await platform.AdvisedAsync(UwvPlatform.FromMunicipality(told));
        var own = UwvPlatform.FromCitizen(told);
        (own.ReceivedOn, own.NewFactsSinceEarlierAdvice) = (UwvPlatform.Issued.AddDays(1).ToDate(), true);
        var ownId = await platform.RequestedAsync(own, platform.NewCitizen());
        var mistaken = await platform.RequestedAsync(UwvPlatform.FromMunicipality(other));
        var corrected = new Person(told) { Name = "Anders gespeld" };

        foreach (var id in new[] { ofBefore, mistaken })
        {
            await platform.AsService.CorrectPersonAsync(Correct(corrected, id));
            var seen = await SeenAsync(id);
            Assert.Equal((told, corrected), (seen.Person, seen.GivenPerson));
            // The same once more, as another call: nothing is left to correct.
            await platform.AsService.CorrectPersonAsync(Correct(corrected, id));
            Assert.Equal(seen.Version, (await SeenAsync(id)).Version);
        }

        var theirs = await SeenAsync(ownId);
        Assert.Equal((told, null), (theirs.Person, theirs.GivenPerson));
        Assert.Equal(new[] { ofBefore, mistaken, ownId }.Order(), IndexedFor(told).Order());
        Assert.Empty(IndexedFor(other));
    }

    [Fact]
    public async Task What_a_citizen_said_in_a_request_of_their_own_that_ended_stays_with_it()
    {
        var told = UwvPlatform.NewPerson();
        var (own, citizen) = (UwvPlatform.FromCitizen(told), platform.NewCitizen());
        var ownId = await platform.RequestedAsync(own, citizen);
        await platform.AsCitizen(citizen).WithdrawAdviceRequestAsync(new WithdrawAdviceRequestRequest
        {
            Municipality = UwvPlatform.Amsterdam, RequestId = UwvPlatform.NewId(), AdviceRequestId = ownId, WithdrawnOn = UwvPlatform.Received.ToDate(),
        });
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(told));
        var corrected = new Person(told) { Name = "Anders gespeld" };

        await platform.AsService.CorrectPersonAsync(Correct(corrected, id));

        Assert.Equal(told, (await SeenAsync(ownId)).GivenPerson);
        var seen = await SeenAsync(id);
        Assert.Equal((corrected, null), (seen.Person, seen.GivenPerson));
    }

    [Fact]
    public async Task When_the_right_person_has_a_running_request_both_go_on_and_that_is_said()
    {
        var (wrong, right) = (UwvPlatform.NewPerson(), UwvPlatform.NewPerson());
        var elsewhere = await platform.RequestedAsync(UwvPlatform.FromMunicipality(right, UwvPlatform.Utrecht));
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(wrong));

        var correct = Correct(right, id);
        Assert.True((await platform.AsService.CorrectPersonAsync(correct)).OtherRequestRunning);
        Assert.Equal(AdviceState.Requested, (await SeenAsync(id)).State);

        await platform.AsUwv.EndAdviceRequestAsync(new EndAdviceRequestRequest
        {
            Municipality = UwvPlatform.Utrecht, RequestId = UwvPlatform.NewId(), AdviceRequestId = elsewhere, Ending = AdviceEnding.AskedTwice, EndedOn = UwvPlatform.Assessed.ToDate(),
        });
        await PlatformFixture.Eventually(async () => !(await platform.AsService.CorrectPersonAsync(correct)).OtherRequestRunning, "the index heard that the other ended");
    }

    [Fact]
    public async Task Only_a_service_corrects_and_only_requests_of_the_municipality()
    {
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(UwvPlatform.NewPerson()));
        var correct = Correct(UwvPlatform.NewPerson(), id);
        Assert.Equal(ErrorReason.KindNotAllowed, (await UwvPlatform.RefusedAsync(platform.AsMunicipality().CorrectPersonAsync(correct))).Reason);
        Assert.Equal(ErrorReason.KindNotAllowed, (await UwvPlatform.RefusedAsync(platform.AsUwv.CorrectPersonAsync(correct))).Reason);
        correct.Municipality = UwvPlatform.Utrecht;
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsService.CorrectPersonAsync(correct))).Reason);
        correct = Correct(UwvPlatform.NewPerson(), id, id.ToUpperInvariant());
        Assert.Equal(["advice_request_ids"], (await UwvPlatform.RefusedAsync(platform.AsService.CorrectPersonAsync(correct))).Fields);
        correct = Correct(UwvPlatform.NewPerson(), id, UwvPlatform.NewId());
        var before = await SeenAsync(id);
        Assert.Equal(ErrorReason.NotFound, (await UwvPlatform.RefusedAsync(platform.AsService.CorrectPersonAsync(correct))).Reason);
        Assert.Equal(before, await SeenAsync(id));
    }

    [Fact]
    public async Task An_index_that_did_not_hear_of_a_correction_before_it_died_hears_of_it_afterwards()
    {
        var (wrong, right) = (UwvPlatform.NewPerson(), UwvPlatform.NewPerson());
        var id = await platform.RequestedAsync(UwvPlatform.FromMunicipality(wrong));
        var indexed = IndexedFor(wrong);
        await platform.AsService.CorrectPersonAsync(Correct(right, id));

        // As if the process died between the two stores: the index is as it was before, and has not read the event.
        await platform.Runtime.PlatformStore.WriteAsync(WriteInfo.Capture(UwvPlatform.Self), session =>
        {
            session.SetPerson(Guid.Parse(id), session.Persons.HashOf(wrong.Bsn));
            return session.Command("DELETE FROM sources WHERE service = 'uwv'").ExecuteNonQuery();
        });
        await platform.RestartAsync();

        Assert.Equal([id], indexed);
        await PlatformFixture.Eventually(() => Task.FromResult(IndexedFor(right) is [var found] && found == id), "the index knows the right person");
        Assert.Empty(IndexedFor(wrong));
    }

    private async Task<AdviceRequest> SeenAsync(string id) =>
        (await platform.AsUwv.GetAdviceRequestAsync(UwvPlatform.Get(id))).AdviceRequest;

    private List<string> IndexedFor(Person person) => platform.Runtime.PlatformStore.Read(UwvPlatform.Self, session =>
        session.RequestsOf(session.Persons.HashOf(person.Bsn)).ConvertAll(row => row.AdviceRequestId.Text()));

    private static CorrectPersonRequest Correct(Person person, params string[] ids) => new()
    {
        Municipality = UwvPlatform.Amsterdam, RequestId = UwvPlatform.NewId(), AdviceRequestIds = { ids }, Person = person, CorrectedOn = UwvPlatform.Issued.ToDate(),
    };
}
