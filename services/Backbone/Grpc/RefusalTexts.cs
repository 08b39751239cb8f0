using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>What a refusal says to a user, in Dutch: what is wrong, and what they can do. A test holds the table complete.</summary>
public static class RefusalTexts
{
    /// <summary>Both, as the user reads them.</summary>
    public static string Dutch(ErrorReason reason) => $"{Of(reason).Wrong} {Of(reason).Remedy}";

    /// <summary>What they can do.</summary>
    public static string Remedy(ErrorReason reason) => Of(reason).Remedy;

    private static (string Wrong, string Remedy) Of(ErrorReason reason) => reason switch
    {
        ErrorReason.InvalidFields => ("Een of meer velden zijn niet goed ingevuld.", "Verbeter de velden die hierbij zijn genoemd."),
        ErrorReason.RequestIdReused => ("Dit verzoeknummer is al gebruikt voor iets anders.", "Gebruik voor iets nieuws een nieuw nummer."),
        ErrorReason.WageValueNotACriterion => (
            "Loonwaarde speelt geen rol bij het advies beschut werk.",
            "Haal loonwaarde uit de motivering."),
        ErrorReason.QuotaSumDiffers => (
            "De aantallen tellen niet op tot het totaal uit de regeling.",
            "Vergelijk de aantallen en het totaal met de Staatscourant."),
        ErrorReason.QuotaCodeUnknown => (
            "De regeling noemt een gemeente die op de dag van publicatie niet bestond.",
            "Verbeter de gemeentecode of de dag."),
        ErrorReason.QuotaSplitUndivided => (
            "Het aantal van een gesplitste gemeente is niet goed verdeeld.",
            "Geef op hoe het over haar opvolgers is verdeeld."),
        ErrorReason.QuotaDivisionIncomplete => (
            "In de regeling ontbreekt een gemeente of staat een gemeente dubbel.",
            "Geef elke gemeente precies één keer op."),
        ErrorReason.MessageUnreadable => (
            "Dit bericht is niet te lezen.",
            "Meld het aan de maker van de software die het stuurde."),
        ErrorReason.MessageTooLarge => (
            "Dit bericht is te groot.",
            "Verdeel wat u stuurt over meer berichten."),
        ErrorReason.NotAuthenticated => ("U bent niet aangemeld, of uw aanmelding is verlopen.", "Meld u opnieuw aan."),
        ErrorReason.KindNotAllowed => ("Uw organisatie mag dit niet.", "Vraag het aan de organisatie die dit doet, of aan de beheerder."),
        ErrorReason.MunicipalityNotFound => (
            "Deze gemeente is hier niet bekend.",
            "Controleer de gemeentecode, of vraag de beheerder de gemeente aan te melden."),
        ErrorReason.NotFound => ("Dit is niet gevonden.", "Controleer het nummer en de gemeente."),
        ErrorReason.TenantSuspended => ("Deze gemeente is tijdelijk uitgeschakeld.", "Vraag de beheerder wanneer zij weer verder kan."),
        ErrorReason.AlreadyRegistered => ("Dit staat al geregistreerd.", "Gebruik wat er staat, of kies een andere code."),
        ErrorReason.DateBeforeItsBasis => (
            "Dit kan niet op deze datum: de datum ligt vóór een eerdere stap, of latere feiten spreken het tegen.",
            "Kies een latere datum, of laat eerst corrigeren of terugnemen wat niet klopt."),
        ErrorReason.StateForbids => (
            "Dit kan niet zoals het er nu voor staat.",
            "Bekijk de stand opnieuw. Is een eerdere stap verkeerd vastgelegd, laat die dan eerst corrigeren of neem haar terug."),
        ErrorReason.CitizenRequestBefore2017 => (
            "Burgers kunnen sinds 1 januari 2017 zelf advies vragen.",
            "Vraag aan uw gemeente of zij het advies vraagt."),
        ErrorReason.RequestAlreadyRunning => (
            "Voor deze persoon loopt al een aanvraag.",
            "Wacht op het advies, of trek de lopende aanvraag eerst in."),
        ErrorReason.AssessmentMissing => ("Er is nog geen beoordeling vastgelegd.", "Leg eerst de beoordeling vast."),
        ErrorReason.AdviceContradictsAssessment => ("Het advies past niet bij de beoordeling.", "Verbeter het advies of de beoordeling."),
        ErrorReason.LegalConflict => ("Twee regels spreken elkaar tegen.", "Laat een medewerker beslissen."),
        ErrorReason.AdviceMissing => ("Er is nog geen advies van UWV.", "Vraag advies, of wacht tot het er is."),
        ErrorReason.DeviationWithoutReason => ("U wijkt af van het advies.", "Geef de reden waarom het advies niet zorgvuldig is gemaakt."),
        ErrorReason.NoPositiveDetermination => (
            "Er is geen positieve vaststelling door de gemeente.",
            "Laat de gemeente eerst een besluit nemen."),
        ErrorReason.NumberReached => (
            "Het aantal uit de regeling is bereikt.",
            "Geef voor een extra plek het budgetbesluit op, of bied iets anders aan."),
        ErrorReason.OutsideCircle => (
            "Deze persoon hoorde toen niet tot de kring.",
            "Kies een datum vanaf 1 januari 2017, of controleer de uitkering."),
        ErrorReason.OfferStands => ("Er staat al een aanbod.", "Wacht op het antwoord, of trek het aanbod eerst in."),
        ErrorReason.NumberNotReached => ("Het aantal uit de regeling is niet bereikt.", "Bied een plek aan."),
        ErrorReason.MovedToMissing => ("Het is niet bekend waarheen de persoon is verhuisd.", "Geef de nieuwe gemeente op."),
        ErrorReason.ActNotTakenBack => (
            "Dit kunt u niet terugnemen: het is geen handeling van de gemeente.",
            "Vraag wie het meldde om het te corrigeren."),
        ErrorReason.PersonHasCase => (
            "Deze persoon heeft hier al een ander dossier.",
            "Bekijk het, en geef op of u de twee wilt samenvoegen of de personen wilt omwisselen."),
        ErrorReason.NoContract => (
            "Er is op die dag geen contract tussen gemeente en bedrijf.",
            "Kies een andere dag of een ander bedrijf, of laat eerst een contract vastleggen."),
        ErrorReason.NoAcceptedOffer => (
            "Er is geen geaccepteerd aanbod voor dit bedrijf.",
            "Vraag de gemeente het aanbod en het antwoord vast te leggen."),
        ErrorReason.HoursExceedForty => (
            "Samen is dit meer dan veertig uur per week.",
            "Meld minder uren, of laat eerst de andere plaatsing aanpassen."),
        ErrorReason.StartBeforeDetermination => (
            "De plaatsing begint voor de vaststelling.",
            "Controleer de eerste dag, of vraag de gemeente haar besluit te corrigeren."),
        ErrorReason.ContractExists => ("Er is op die dag al een contract.", "Beëindig eerst het oude contract, of kies een latere dag."),
        ErrorReason.PersonalData => ("De tekst lijkt een burgerservicenummer te bevatten.", "Haal het nummer weg."),
        ErrorReason.FigureNotAvailable => (
            "Dit cijfer is niet te berekenen met wat is vastgelegd.",
            "Kies een ander cijfer of een andere periode."),
        ErrorReason.WebhookLimitReached => (
            "Deze gemeente heeft het hoogste aantal webhooks.",
            "Verwijder eerst een webhook die u niet meer gebruikt."),
        ErrorReason.EventStillFails => (
            "Deze gebeurtenis is opnieuw niet verwerkt.",
            "Herstel eerst de oorzaak, en probeer het dan nog eens."),
        ErrorReason.BackupUnusable => (
            "Deze reservekopie kan niet worden teruggezet.",
            "Kies een andere, of zet de sleutel terug die erbij hoort."),
        ErrorReason.VersionChanged => ("Dit is intussen gewijzigd.", "Lees het opnieuw."),
        ErrorReason.TokenOfAnotherStore => (
            "Dit hervattingspunt hoort bij een andere of herstelde administratie.",
            "Begin opnieuw te lezen, en sla over wat u al hebt."),
        ErrorReason.WriteQueueFull => ("Het is nu te druk.", "Probeer het zo weer."),
        ErrorReason.RateLimited => (
            "Uw organisatie vraagt nu meer dan zij mag.",
            "Wacht even en probeer het dan weer, of stuur minder tegelijk."),
        ErrorReason.StorageFull => ("De opslag is vol; er is niets vastgelegd.", "Waarschuw de beheerder, en probeer het later weer."),
        ErrorReason.ServiceUnreachable => ("Een andere dienst is nu niet bereikbaar.", "Probeer het later weer."),
        ErrorReason.ServerShuttingDown => ("De dienst stopt.", "Probeer het over een paar minuten weer."),
        ErrorReason.StoreQuarantined => (
            "De administratie van deze gemeente is buiten gebruik.",
            "Waarschuw de beheerder; die kan haar herstellen."),
        ErrorReason.StoreFailing => (
            "De administratie van deze gemeente is nu niet te lezen of te schrijven.",
            "Probeer het zo weer; waarschuw de beheerder als het zo blijft."),
        ErrorReason.DeadlinePassed => ("Het duurde te lang; er is niets vastgelegd.", "Probeer het nog eens."),
        ErrorReason.Unexpected => ("Er ging iets mis.", "Geef het nummer door aan de beheerder."),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "No sentences for this reason."),
    };
}
