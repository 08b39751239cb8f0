using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;
using CorrectPersonResponse = BeschutWerk.Contracts.Municipalities.CorrectPersonResponse;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Corrects who a case is about, here and then at UWV: in the same write it becomes due that UWV is told, so that it is whatever
/// dies in between, and of several corrections at once the last one that was written holds at both. What turns out to be one
/// person's is joined when the call names it: the facts of both cases are computed as one. Cases that had each other's persons swap them.
/// </summary>
static class CorrectPerson
{
    private const string BsnField = "person.bsn";

    public static CorrectPersonResponse Run(CorrectPersonRequest request, TellingUwv telling, WriteSession<MunicipalityStore> session)
    {
        var row = session.Case(request.CaseId);
        var own = OwnRequests(row, session);
        var corrected = SwapPersons.IsAsked(request) ? Swap(request, row, telling, session) : Correct(request, row, session);
        if (request.Benefit != Benefit.Unspecified) row.Benefit = request.Benefit;
        if (request.SupportNeeds.Count > 0) row.Needs = request.SupportNeeds;
        Record(corrected, row, own, request, telling, session);
        if (corrected.JoinedCaseId.Length > 0) PlacesGivenAway.LookAgain(session, except: row.CaseId);
        return new CorrectPersonResponse
        {
            CaseId = row.CaseId.Text(),
            State = row.State,
            Version = row.Version,
            JoinedCaseId = corrected.JoinedCaseId,
        };
    }

    public static void CheckFields(CorrectPersonRequest request, FieldChecks checks)
    {
        checks.Require(request.JoinCaseId.Length == 0 || request.Person is not null, "join_case_id", "Needs person: who both cases are about.");
        checks.RequireOnce(request.SupportNeeds, "support_needs");
        SwapPersons.CheckFields(request, checks);
    }

    /// <summary>Tells UWV, and says whether the person has another running request there.</summary>
    public static async Task CompleteAsync(
        CorrectPersonRequest request, CorrectPersonResponse response, TellingUwv telling,
        CallScope<MunicipalityStore, MunicipalitiesStore> scope)
    {
        if (request.Person is null) return;
        var caseId = Ids.Parse(response.CaseId);
        response.OtherRequestRunning = await telling.TellAsync(scope.Municipality, caseId, scope.Cancel);
        if (!SwapPersons.IsAsked(request)) return;
        // What was answered so far counted the other case's requests, which were about the same person until now: so it is asked again.
        response.OtherRequestRunning = await telling.TellAsync(scope.Municipality, Ids.Parse(request.SwapWithCaseId), scope.Cancel)
            | await telling.TellAsync(scope.Municipality, caseId, scope.Cancel);
    }

    /// <summary>Which fields of what is on record differ from what is given.</summary>
    public static IEnumerable<string> Differences(Person? person, Benefit benefit, IReadOnlyCollection<SupportNeed> needs, SupportCase row, Person record)
    {
        if (person is not null && person.Bsn != record.Bsn) yield return BsnField;
        if (person is not null && person.Name != record.Name) yield return "person.name";
        if (person is not null && !person.BirthDate.Equals(record.BirthDate)) yield return "person.birth_date";
        if (benefit != Benefit.Unspecified && benefit != row.Benefit) yield return "benefit";
        if (needs.Count > 0 && !needs.ToHashSet().SetEquals(row.Needs)) yield return "support_needs";
    }

    /// <summary>The first day of which a case tells: a citizen may have asked before it was opened.</summary>
    public static DateOnly FirstDay(SupportCase row, WriteSession<MunicipalityStore> session) =>
        CaseFacts.Of(session.Statement, row.CaseId).Select(fact => (fact.Data as AdviceIssued)?.ReceivedOn.ToDateOnlyOrNull() ?? fact.Day)
            .OfType<DateOnly>().Append(row.OpenedOn).Min();

    /// <param name="ownRequests">Those that citizens themselves made and that the case had before.</param>
    private static void Record(
        CandidateCorrected corrected, SupportCase row, List<string> ownRequests, CorrectPersonRequest request, TellingUwv telling,
        WriteSession<MunicipalityStore> session)
    {
        row.Resolve(DiscrepancyKind.PersonDiffers);
        row.Changed();
        var record = CaseRecord.Of(session, row);
        var position = record.Record(corrected);
        session.KeepReason(position, request.Reason, row.CaseId);
        // Their tokens named them: somebody must look whether the request belongs to another's case.
        if (corrected.Fields.Contains(BsnField)) ownRequests.ForEach(own => record.Name(DiscrepancyKind.PersonDiffers, own));
        if (request.Person is not null) telling.IsDue(row.CaseId, position, session);
    }

    /// <summary>The requests that citizens made themselves. Of one that they did not share only the advice is known here.</summary>
    private static List<string> OwnRequests(SupportCase row, WriteSession<MunicipalityStore> session)
    {
        var history = CaseRecord.Of(session, row).History;
        var asked = history.Told<AdviceRequested>().Where(one => one.Requester == Requester.Citizen).Select(one => one.AdviceRequestId);
        var advised = history.Told<AdviceIssued>().Where(one => one.Requester == Requester.Citizen).Select(one => one.AdviceRequestId);
        return [.. asked.Union(advised)];
    }

    private static CandidateCorrected Swap(
        CorrectPersonRequest request, SupportCase row, TellingUwv telling, WriteSession<MunicipalityStore> session)
    {
        var other = session.Case(request.SwapWithCaseId);
        var (ofThis, ofOther) = SwapPersons.Run(request, row, other, session);
        Record(ofOther, other, OwnRequests(other, session), request, telling, session);
        return ofThis;
    }

    private static CandidateCorrected Correct(CorrectPersonRequest request, SupportCase row, WriteSession<MunicipalityStore> session)
    {
        Check(request, row, session);
        var corrected = new CandidateCorrected { CaseId = row.CaseId.Text(), CorrectedOn = request.CorrectedOn };
        corrected.Fields.AddRange(Differences(request, row, session.Persons.Get(row.PersonId)));
        if (request.Person is not null) corrected.JoinedCaseId = SetPerson(request, row, session)?.Text() ?? "";
        return corrected;
    }

    private static IEnumerable<string> Differences(CorrectPersonRequest request, SupportCase row, Person record) =>
        Differences(request.Person, request.Benefit, request.SupportNeeds, row, record);

    private static void Check(CorrectPersonRequest request, SupportCase row, WriteSession<MunicipalityStore> session)
    {
        var checks = new FieldChecks();
        // Somebody who looked and found the record right says so by giving it; UWV's record may be another.
        var facts = CaseFacts.Of(session.Statement, row.CaseId);
        var mayDifferAtUwv = request.Person is not null && CorrectionsDue.RequestsAtUwv(facts).Count > 0;
        var isNamed = row.Contradictions.Any(found => found.Kind == DiscrepancyKind.PersonDiffers);
        var differs = isNamed || mayDifferAtUwv || Differences(request, row, session.Persons.Get(row.PersonId)).Any();
        checks.Require(differs, "person", "Is what stands on record, and nothing else is corrected.");
        var other = OtherCase(request, row, session);
        var joins = request.JoinCaseId.Length > 0 && other is not null;
        var firstDay = joins ? Earlier(FirstDay(row, session), FirstDay(other!, session)) : FirstDay(row, session);
        checks.Require(request.Person.IsBornBy(firstDay), "person.birth_date", "Lies after the first day of the case.");
        checks.Require(
            request.CorrectedOn.ToDateOnly() >= row.OpenedOn, "corrected_on", "Lies before the day on which the case was opened.");
        checks.Require(request.JoinCaseId.Length == 0 || other is not null, "join_case_id", "This person has no other case here.");
        checks.ThrowIfAny();

        // It cannot be undone: somebody looked at both cases before.
        if (other is null || (Guid.TryParse(request.JoinCaseId, out var join) && session.FindCase(join)?.CaseId == other.CaseId)) return;
        var otherId = other.CaseId.Text();
        throw new Refusal(
            ErrorReason.PersonHasCase,
            $"This person has case {otherId} here: name it in join_case_id to join the two, or in swap_with_case_id when each has the "
            + "other's person.")
        {
            Metadata = new Dictionary<string, string> { ["case_id"] = otherId },
        }.ToException();
    }

    private static DateOnly Earlier(DateOnly one, DateOnly other) => one < other ? one : other;

    /// <summary>The other case of the person, as corrected; null when they have none.</summary>
    private static SupportCase? OtherCase(CorrectPersonRequest request, SupportCase row, WriteSession<MunicipalityStore> session) =>
        request.Person is { } person && session.Persons.Find(person.Bsn) is { } known && known != row.PersonId
            ? session.Store.FindCaseOfPerson(known)
            : null;

    /// <returns>The case that was joined; null when the person had no other.</returns>
    private static Guid? SetPerson(CorrectPersonRequest request, SupportCase row, WriteSession<MunicipalityStore> session)
    {
        var other = OtherCase(request, row, session);
        var wrong = row.PersonId;
        var right = session.Persons.Correct(wrong, request.Person, isShared: false);
        if (right == wrong) return null;
        if (other is not null) JoinCases.Run(row, other, session);
        row.PersonId = right;
        session.Flush();
        session.Persons.Forget(wrong);
        return other?.CaseId;
    }
}
