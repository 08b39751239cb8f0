using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using BeschutWerk.UwvAdvice.National;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>
/// A municipality corrects who its requests are about. The requests' own store comes first, in one transaction with an event
/// for each; the national index follows that event, whatever dies in between, and the call waits until it has.
/// </summary>
internal static class CorrectPerson
{
    public static void CheckFields(CorrectPersonRequest request, FieldChecks checks)
    {
        var ids = request.AdviceRequestIds.Distinct(StringComparer.OrdinalIgnoreCase);
        checks.Require(ids.Count() == request.AdviceRequestIds.Count, "advice_request_ids", "Names a request twice.");
    }

    public static CorrectPersonResponse Run(CorrectPersonRequest request, WriteSession<UwvStore> session)
    {
        var dossiers = request.AdviceRequestIds
            .Select(id => Dossier.Find(session, Ids.Parse(id)) ?? throw Refusal.NotFound("advice request").ToException()).ToList();
        foreach (var known in dossiers.GroupBy(dossier => dossier.PersonId).ToList())
        {
            List<Dossier> vouchedFor = IsVouchedFor(known.Key, request, session)
                ? [.. known.Where(dossier => dossier.Requester == Requester.Citizen)]
                : [];
            vouchedFor.ForEach(dossier => KeepBeside(dossier, request, session));
            Correct(known.Key, [.. known.Except(vouchedFor)], request, session);
        }
        return new CorrectPersonResponse();
    }

    /// <summary>
    /// Says whether the person has another running request of which the municipality may know, by the index as it is after the
    /// correction.
    /// </summary>
    public static async Task CompleteAsync(
        CorrectPersonRequest request, CorrectPersonResponse response, CallScope<UwvStore, UwvPlatformStore> scope)
    {
        await scope.CatchUpPlatformAsync("uwv");
        var corrected = request.AdviceRequestIds.Select(Ids.Parse).ToHashSet();
        var running = await scope.ReadPlatformAsync(session =>
            session.RequestsOf(session.Persons.HashOf(request.Person.Bsn))
                .FindAll(row => row.IsRunning && row.MayBeToldTo(Requester.Municipality, request.Municipality)));
        // Two of those that were corrected may run too: their cases were joined.
        response.OtherRequestRunning = running.Count > 1 || running.Exists(row => !corrected.Contains(row.AdviceRequestId));
    }

    private static void Correct(Guid known, List<Dossier> dossiers, CorrectPersonRequest request, WriteSession<UwvStore> session)
    {
        // Participatiewet 10b lid 3: what a citizen said where the municipality may not look is not the municipality's to correct. It
        // stays on record while their request runs, and with their request when that ended. The adviser sees both.
        var target = session.Persons.Find(request.Person.Bsn);
        var said = target is { } theirs ? Dossier.OfCitizenAlone(session, theirs) : [];
        var keeper = said.Exists(own => own.IsRunning) ? target : null;
        if (dossiers.TrueForAll(dossier => IsSo(dossier, request.Person, keeper, session)))
        {
            return;
        }
        // The record may also be about others: whose BSN was written by mistake has requests of their own.
        var isShared = Dossier.CountOf(session, known) > dossiers.Count;
        if (keeper is null && target is { } changes && session.Persons.Get(changes) is var before && !before.Equals(request.Person))
        {
            foreach (var (own, _) in said)
            {
                Dossier.KeepGivenPerson(session, own, GivenPerson.Seal(session.Persons, before, own));
            }
        }
        var record = keeper ?? session.Persons.Correct(known, request.Person, isShared);
        var isOnRecord = session.Persons.Get(record).Equals(request.Person);
        foreach (var dossier in dossiers)
        {
            var corrected = DossierRules.Correct(dossier, request.CorrectedOn.ToDateOnly());
            dossier.Apply(corrected);
            var given = isOnRecord ? null : GivenPerson.Seal(session.Persons, request.Person, dossier.AdviceRequestId);
            dossier.SaveCorrected(session, record, given);
            session.Raise(corrected, corrected.AdviceRequestId);
        }
        if (record != known && !isShared)
        {
            session.Persons.Forget(known);
        }
    }

    /// <summary>
    /// Whether the record of a citizen's own request says whom their token named, and the correction says otherwise. Then the request is
    /// nobody else's, whatever the case that it joined turned out to be: the municipality may take another's case for theirs.
    /// </summary>
    private static bool IsVouchedFor(Guid known, CorrectPersonRequest request, WriteSession<UwvStore> session) =>
        session.Persons.Get(known).Bsn != request.Person.Bsn && Citizens.IsNamed(session, known);

    /// <summary>The request stays as it is; the adviser sees what the municipality says beside it.</summary>
    private static void KeepBeside(Dossier dossier, CorrectPersonRequest request, WriteSession<UwvStore> session)
    {
        if (request.Person.Equals(GivenPerson.Unseal(session.Persons, dossier)))
        {
            return;
        }
        var corrected = DossierRules.Correct(dossier, request.CorrectedOn.ToDateOnly());
        dossier.Apply(corrected);
        dossier.SaveCorrected(session, dossier.PersonId, GivenPerson.Seal(session.Persons, request.Person, dossier.AdviceRequestId));
        session.Raise(corrected, corrected.AdviceRequestId);
    }

    /// <summary>Whether nothing is left to correct.</summary>
    private static bool IsSo(Dossier dossier, Person person, Guid? keeper, WriteSession<UwvStore> session)
    {
        var record = session.Persons.Get(dossier.PersonId);
        return GivenPerson.Unseal(session.Persons, dossier) is { } given
            ? given.Equals(person) && dossier.PersonId == keeper && !record.Equals(person)
            : record.Equals(person);
    }
}
