-- A store as version 4 of the schema left it: a queued run of ada's, a signed review, and one with unblurred faces that is shared.
BEGIN TRANSACTION;
CREATE TABLE api_keys (
	id VARCHAR(16) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	tier VARCHAR(16) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	budget BIGINT, 
	rate INTEGER, 
	spent BIGINT NOT NULL, 
	created FLOAT NOT NULL, 
	revoked FLOAT, 
	blocked FLOAT, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE artifacts (
	run_id VARCHAR(32) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	PRIMARY KEY (run_id, name), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "artifacts" VALUES('927278c7d78da99a842c9b4888c470ef','a.png','29a1575c11fb9bb9cc316909eea3477825b394861e0c2204aa51a96a2e6883b3');
CREATE TABLE assessments (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	mode VARCHAR(16) NOT NULL, 
	document TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	created FLOAT NOT NULL, 
	changed FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "assessments" VALUES('d53c64fd537c24b327677101dbfdd6fc','Door camera','ada','assessment','{"name":"Door camera","mode":"assessment","system":{"dataset":{"name":"people","options":{},"path":null},"target":{"name":"softmax","params":{},"defences":[]},"exposure":{"access":"white-box","query_budget":null,"defences":[],"knowledge":null,"monitor":false}},"context":{"purpose":"","owner":"","data":"generic_objects_or_synthetic","people":null,"class_is_person":false,"aggravations":[],"audience":"authenticated","release":"service","logged":false,"rate_limited":false,"no_control":"","notes":""},"scenarios":[{"dataset":{"name":"people","options":{},"path":null},"target":{"name":"softmax","params":{},"defences":[]},"exposure":{"access":"white-box","query_budget":null,"defences":[],"knowledge":null,"monitor":false},"attack":{"name":"mi-face","params":{}},"victims":"all","seed":0}],"policy":null,"format":1}',1,1.79565843417449808126e+09,1.79565843417449808126e+09);
INSERT INTO "assessments" VALUES('4d66590717be88615a94b01a56f4d924','Faces','ada','assessment','{"name":"Faces","mode":"assessment","system":{"dataset":{"name":"people","options":{},"path":null},"target":{"name":"softmax","params":{},"defences":[]},"exposure":{"access":"white-box","query_budget":null,"defences":[],"knowledge":null,"monitor":false}},"context":{"purpose":"","owner":"","data":"generic_objects_or_synthetic","people":null,"class_is_person":false,"aggravations":[],"audience":"authenticated","release":"service","logged":false,"rate_limited":false,"no_control":"","notes":""},"scenarios":[{"dataset":{"name":"people","options":{},"path":null},"target":{"name":"softmax","params":{},"defences":[]},"exposure":{"access":"white-box","query_budget":null,"defences":[],"knowledge":null,"monitor":false},"attack":{"name":"mi-face","params":{}},"victims":"all","seed":0}],"policy":null,"format":1}',1,1.79565843436808729167e+09,1.79565843436808729167e+09);
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	time FLOAT NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	role VARCHAR(128) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	subject VARCHAR(128) NOT NULL, 
	payload TEXT NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (previous), 
	UNIQUE (hash)
);
INSERT INTO "audit" VALUES(1,1.79565843419386100767e+09,'ada','owner','assessment created','d53c64fd537c24b327677101dbfdd6fc','{"mode":"assessment","name":"Door camera"}','0000000000000000000000000000000000000000000000000000000000000000','693baa4cf3518917670f1d6f867bdac31b830683a589e3cab832868518ac4cfa');
INSERT INTO "audit" VALUES(2,1.79565843422668313983e+09,'ada','data protection officer','report made','e000db6d22fe1488e0ba8c0fda3a697e','{"assessment":"d53c64fd537c24b327677101dbfdd6fc","content":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","files":{"html":"7621d10007f07b081eb81c9c3738cb41aa9054911c76a9f60f5516d91caba7a1","pdf":"c0d01b57f74c1cec41da0908ef1945087260e9df93fca123a88b916a2bc349ec"},"policy":1,"reference":"2030-01","revision":1,"sha256":"cacf3caebe0ffb5bdd42edfeb657b3af91a2d1da8b68d67215eeaa3c09922f61","version":1}','693baa4cf3518917670f1d6f867bdac31b830683a589e3cab832868518ac4cfa','eb834c1586b484aa8b41a96982e9a9747fff8cfb06f8aec0a40a287f14dbe3c1');
INSERT INTO "audit" VALUES(3,1.79565843425997829435e+09,'ada','data protection officer','policy approved','policy 1','{"sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}','eb834c1586b484aa8b41a96982e9a9747fff8cfb06f8aec0a40a287f14dbe3c1','12a27bb1ee8892c4a73db5a2f930475fe667f3d8fd1b26a4cb4d65b126421c34');
INSERT INTO "audit" VALUES(4,1.79565843427833127972e+09,'ada','data protection officer','policy drafted','policy 2','{"sha256":"f9d86028c6e0d64e225186f96acb69338b2c59764df79162107f5c4bb34d1310"}','12a27bb1ee8892c4a73db5a2f930475fe667f3d8fd1b26a4cb4d65b126421c34','65776697642ee5f4d674aa14780c98b2accfebba8acb5c34112a30dd0a567268');
INSERT INTO "audit" VALUES(5,1.79565843430547857281e+09,'ada','data protection officer','statement set','d53c64fd537c24b327677101dbfdd6fc','{"note":"Consent.","owner":"Legal","statement":"lawful","status":"met"}','65776697642ee5f4d674aa14780c98b2accfebba8acb5c34112a30dd0a567268','19a4f6722c4c1848b3226db2d4bde22f59259217a5b51b487a886dc95083bc50');
INSERT INTO "audit" VALUES(6,1.79565843436710405344e+09,'ada','data protection officer','decision signed','d53c64fd537c24b327677101dbfdd6fc','{"assessment_id":"d53c64fd537c24b327677101dbfdd6fc","facts":"{\"policy\":1,\"reference\":\"2030-01\",\"data\":\"c9dc8c1d51cfdcca8c06883d3c1d562fd11e4cfd8d70d45ec1171d89baa972b5\",\"access\":\"white-box\",\"surface\":\"c308dd2b05c47f918914365843835d8280fde00a95723fff8be6f9d1eca7ed8e\",\"outputs\":\"4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945\",\"targets\":{}}","id":"5e3831ef8a27b76bd7e9601008b085e2","number":1,"report_id":"e000db6d22fe1488e0ba8c0fda3a697e","report_sha256":"cacf3caebe0ffb5bdd42edfeb657b3af91a2d1da8b68d67215eeaa3c09922f61","report_version":1,"signed":1795658434.366027,"signoff":"{\"decision\":\"approve\",\"approver\":\"Ada\",\"role\":\"DPO\",\"conditions\":\"\",\"overruled\":\"\",\"next_review\":\"2999-01-01\",\"triggers\":[\"model_retrained\",\"output_format_changed\",\"new_access_channel\",\"new_published_attack\",\"reference_version_changed\",\"incident\",\"yearly\"]}"}','19a4f6722c4c1848b3226db2d4bde22f59259217a5b51b487a886dc95083bc50','2b2f4a9452d4fbd74826771be35fb4c7f67473ac19deb20a521f21ef62d367ed');
INSERT INTO "audit" VALUES(7,1.79565843440587043764e+09,'ada','owner','assessment created','4d66590717be88615a94b01a56f4d924','{"mode":"assessment","name":"Faces"}','2b2f4a9452d4fbd74826771be35fb4c7f67473ac19deb20a521f21ef62d367ed','f305f8884dd60d9982e845dc78222f0ce95f60554360d43399bc889187211922');
INSERT INTO "audit" VALUES(8,1.79565843440705370901e+09,'ada','data protection officer','faces unblurred in a report','4d66590717be88615a94b01a56f4d924','{}','f305f8884dd60d9982e845dc78222f0ce95f60554360d43399bc889187211922','f39ad06507ea554dff436ff63cc16618e414e7121c5ae962b00c32f08e7b1cc3');
INSERT INTO "audit" VALUES(9,1.79565843442220807071e+09,'ada','data protection officer','report made','737e3627195513b245fe9f66acaa7b41','{"assessment":"4d66590717be88615a94b01a56f4d924","content":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","files":{"html":"7621d10007f07b081eb81c9c3738cb41aa9054911c76a9f60f5516d91caba7a1","pdf":"c0d01b57f74c1cec41da0908ef1945087260e9df93fca123a88b916a2bc349ec"},"policy":1,"reference":"2030-01","revision":1,"sha256":"cacf3caebe0ffb5bdd42edfeb657b3af91a2d1da8b68d67215eeaa3c09922f61","version":1}','f39ad06507ea554dff436ff63cc16618e414e7121c5ae962b00c32f08e7b1cc3','74c0c8b2bee1b41ef3e93e57320037ec06a3c300c461d4bcd7b1d69f1b62c7ca');
INSERT INTO "audit" VALUES(10,1.79565843444243121145e+09,'ada','data protection officer','link shared','737e3627195513b245fe9f66acaa7b41','{"days":7.0,"kind":"report","name":"4bf2031123b7"}','74c0c8b2bee1b41ef3e93e57320037ec06a3c300c461d4bcd7b1d69f1b62c7ca','bcaf58b1f71cb0d0f3806b51ab0af5f6088face288c7c99dd356352b3be9f7e8');
CREATE TABLE decisions (
	id VARCHAR(32) NOT NULL, 
	assessment_id VARCHAR(32) NOT NULL, 
	report_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	signoff TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	signed FLOAT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (assessment_id, number), 
	FOREIGN KEY(assessment_id) REFERENCES assessments (id), 
	FOREIGN KEY(report_id) REFERENCES reports (id)
);
INSERT INTO "decisions" VALUES('5e3831ef8a27b76bd7e9601008b085e2','d53c64fd537c24b327677101dbfdd6fc','e000db6d22fe1488e0ba8c0fda3a697e',1,'{"decision":"approve","approver":"Ada","role":"DPO","conditions":"","overruled":"","next_review":"2999-01-01","triggers":["model_retrained","output_format_changed","new_access_channel","new_published_attack","reference_version_changed","incident","yearly"]}','{"policy":1,"reference":"2030-01","data":"c9dc8c1d51cfdcca8c06883d3c1d562fd11e4cfd8d70d45ec1171d89baa972b5","access":"white-box","surface":"c308dd2b05c47f918914365843835d8280fde00a95723fff8be6f9d1eca7ed8e","outputs":"4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945","targets":{}}',1.79565843436602711673e+09);
CREATE TABLE frames (
	run_id VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	loss FLOAT, 
	PRIMARY KEY (run_id, step), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE inversion_schema (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "inversion_schema" VALUES(4);
CREATE TABLE overrides (
	assessment_id VARCHAR(32) NOT NULL, 
	statement VARCHAR(64) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	note TEXT NOT NULL, 
	changed_by VARCHAR(128) NOT NULL, 
	changed FLOAT NOT NULL, 
	PRIMARY KEY (assessment_id, statement), 
	FOREIGN KEY(assessment_id) REFERENCES assessments (id)
);
INSERT INTO "overrides" VALUES('d53c64fd537c24b327677101dbfdd6fc','lawful','Legal','met','Consent.','ada',1.79565843427907156949e+09);
CREATE TABLE owners (
	run_id VARCHAR(32) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	joined FLOAT NOT NULL, 
	PRIMARY KEY (run_id, owner), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO "owners" VALUES('eb335f776c95924c037600ecdc9c8453','ada',1.79565843405709028241e+09);
INSERT INTO "owners" VALUES('927278c7d78da99a842c9b4888c470ef','ada',1.79565843407087969776e+09);
CREATE TABLE points (
	run_id VARCHAR(32) NOT NULL, 
	phase VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	loss FLOAT, 
	PRIMARY KEY (run_id, phase, step), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE policies (
	version INTEGER NOT NULL, 
	document TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	created_by VARCHAR(128) NOT NULL, 
	approved_by VARCHAR(128), 
	approved_at FLOAT, 
	PRIMARY KEY (version)
);
INSERT INTO "policies" VALUES(1,'{}',1.79565843425848388676e+09,'ada','ada',1.79565843425912117963e+09);
INSERT INTO "policies" VALUES(2,'{"a": 1}',1.79565843427776288985e+09,'ada',NULL,NULL);
CREATE TABLE query_log (
	id INTEGER NOT NULL, 
	time FLOAT NOT NULL, 
	service VARCHAR(64) NOT NULL, 
	key_id VARCHAR(16) NOT NULL, 
	endpoint VARCHAR(64) NOT NULL, 
	rows INTEGER NOT NULL, 
	status INTEGER NOT NULL, 
	code VARCHAR(32) NOT NULL, 
	seconds FLOAT NOT NULL, 
	labels BLOB NOT NULL, 
	signatures BLOB NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE report_files (
	report_id VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	size INTEGER NOT NULL, 
	PRIMARY KEY (report_id, kind), 
	FOREIGN KEY(report_id) REFERENCES reports (id)
);
INSERT INTO "report_files" VALUES('e000db6d22fe1488e0ba8c0fda3a697e','html','7621d10007f07b081eb81c9c3738cb41aa9054911c76a9f60f5516d91caba7a1',15);
INSERT INTO "report_files" VALUES('e000db6d22fe1488e0ba8c0fda3a697e','pdf','c0d01b57f74c1cec41da0908ef1945087260e9df93fca123a88b916a2bc349ec',13);
INSERT INTO "report_files" VALUES('737e3627195513b245fe9f66acaa7b41','html','7621d10007f07b081eb81c9c3738cb41aa9054911c76a9f60f5516d91caba7a1',15);
INSERT INTO "report_files" VALUES('737e3627195513b245fe9f66acaa7b41','pdf','c0d01b57f74c1cec41da0908ef1945087260e9df93fca123a88b916a2bc349ec',13);
CREATE TABLE report_runs (
	report_id VARCHAR(32) NOT NULL, 
	run_id VARCHAR(32) NOT NULL, 
	PRIMARY KEY (report_id, run_id), 
	FOREIGN KEY(report_id) REFERENCES reports (id)
);
INSERT INTO "report_runs" VALUES('e000db6d22fe1488e0ba8c0fda3a697e','927278c7d78da99a842c9b4888c470ef');
INSERT INTO "report_runs" VALUES('737e3627195513b245fe9f66acaa7b41','927278c7d78da99a842c9b4888c470ef');
CREATE TABLE reports (
	id VARCHAR(32) NOT NULL, 
	assessment_id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	policy INTEGER NOT NULL, 
	reference VARCHAR(64) NOT NULL, 
	content VARCHAR(64) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	made FLOAT NOT NULL, 
	made_by VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (assessment_id, version), 
	FOREIGN KEY(assessment_id) REFERENCES assessments (id)
);
INSERT INTO "reports" VALUES('e000db6d22fe1488e0ba8c0fda3a697e','d53c64fd537c24b327677101dbfdd6fc',1,1,1,'2030-01','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','cacf3caebe0ffb5bdd42edfeb657b3af91a2d1da8b68d67215eeaa3c09922f61',1.79565843420682454112e+09,'ada');
INSERT INTO "reports" VALUES('737e3627195513b245fe9f66acaa7b41','4d66590717be88615a94b01a56f4d924',1,1,1,'2030-01','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','cacf3caebe0ffb5bdd42edfeb657b3af91a2d1da8b68d67215eeaa3c09922f61',1.79565843440809607507e+09,'ada');
CREATE TABLE runs (
	id VARCHAR(32) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	slot VARCHAR(64), 
	scenario TEXT NOT NULL, 
	attack VARCHAR(64) NOT NULL, 
	target VARCHAR(64) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	rank INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	phase VARCHAR(32) NOT NULL, 
	step INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	loss FLOAT, 
	note TEXT NOT NULL, 
	error TEXT NOT NULL, 
	log TEXT NOT NULL, 
	result TEXT, 
	attempt INTEGER NOT NULL, 
	losses INTEGER NOT NULL, 
	worker VARCHAR(255) NOT NULL, 
	cancelled FLOAT, 
	created FLOAT NOT NULL, 
	started FLOAT, 
	phase_started FLOAT, 
	finished FLOAT, 
	heartbeat FLOAT, 
	label TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (slot)
);
INSERT INTO "runs" VALUES('eb335f776c95924c037600ecdc9c8453','d69ba9aa6817ba5acc474e8ada0fcae18b4d7a29c00d4c522ae95ab6d06ce6ec','d69ba9aa6817ba5acc474e8ada0fcae18b4d7a29c00d4c522ae95ab6d06ce6ec','{"dataset":{"name":"people","options":{},"path":null},"target":{"name":"softmax","params":{},"defences":[]},"exposure":{"access":"white-box","query_budget":null,"defences":[],"knowledge":null,"monitor":false},"attack":{"name":"mi-face","params":{}},"victims":"all","seed":7}','mi-face','softmax','ada',0,'queued','',0,0,NULL,'','','',NULL,0,0,'',NULL,1.79565843405709028241e+09,NULL,NULL,NULL,NULL,'');
INSERT INTO "runs" VALUES('927278c7d78da99a842c9b4888c470ef','12fa74590ea0cf37176135943540a9cb5b339375d152f0060b4fb2e7dd9fbd3c','12fa74590ea0cf37176135943540a9cb5b339375d152f0060b4fb2e7dd9fbd3c','{"dataset":{"name":"people","options":{},"path":null},"target":{"name":"softmax","params":{},"defences":[]},"exposure":{"access":"white-box","query_budget":null,"defences":[],"knowledge":null,"monitor":false},"attack":{"name":"mi-face","params":{}},"victims":"all","seed":0}','mi-face','softmax','ada',1,'done','attack',0,0,NULL,'','','','{"target": {"sha256": "1111111111111111111111111111111111111111111111111111111111111111"}}',1,0,'vm:4026531836/19660',NULL,1.79565843407087969776e+09,1.79565843409962153437e+09,1.79565843412625598908e+09,1.79565843415208172798e+09,1.79565843412625598908e+09,'');
CREATE TABLE shares (
	hash VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	subject VARCHAR(32) NOT NULL, 
	created FLOAT NOT NULL, 
	created_by VARCHAR(128) NOT NULL, 
	expires FLOAT NOT NULL, 
	revoked FLOAT, 
	views INTEGER NOT NULL, 
	PRIMARY KEY (hash)
);
INSERT INTO "shares" VALUES('4bf2031123b76cabd63e21354a422e71624ade2e3c1ceda44ab9af823655c85a','report','737e3627195513b245fe9f66acaa7b41',1.79565843442344832414e+09,'ada',1.79626323442344832423e+09,NULL,0);
CREATE TABLE sweep_keys (
	sweep_id VARCHAR(32) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	PRIMARY KEY (sweep_id, "key"), 
	FOREIGN KEY(sweep_id) REFERENCES sweeps (id) ON DELETE CASCADE
);
CREATE TABLE sweeps (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	spec TEXT NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	created FLOAT NOT NULL, 
	cancelled FLOAT, 
	PRIMARY KEY (id)
);
CREATE INDEX ix_assessments_owner ON assessments (owner);
CREATE INDEX ix_assessments_changed ON assessments (changed);
CREATE INDEX ix_audit_subject ON audit (subject);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE INDEX ix_shares_subject ON shares (subject);
CREATE INDEX history ON runs (attack, target, state, finished);
CREATE INDEX ix_runs_key ON runs ("key");
CREATE INDEX ix_runs_owner ON runs (owner);
CREATE INDEX queue_order ON runs (state, rank, created);
CREATE INDEX ix_runs_state ON runs (state);
CREATE INDEX ix_runs_created ON runs (created);
CREATE INDEX ix_query_log_time ON query_log (time);
CREATE INDEX queries_of_key ON query_log (key_id, id);
CREATE INDEX ix_sweeps_created ON sweeps (created);
CREATE INDEX ix_sweeps_owner ON sweeps (owner);
CREATE INDEX ix_reports_assessment_id ON reports (assessment_id);
CREATE TRIGGER reports_no_update BEFORE UPDATE ON reports BEGIN SELECT RAISE(ABORT, 'reports is append-only'); END;
CREATE INDEX ix_owners_owner ON owners (owner);
CREATE INDEX ix_frames_sha256 ON frames (sha256);
CREATE INDEX ix_artifacts_sha256 ON artifacts (sha256);
CREATE INDEX ix_report_files_sha256 ON report_files (sha256);
CREATE TRIGGER report_files_no_update BEFORE UPDATE ON report_files BEGIN SELECT RAISE(ABORT, 'report_files is append-only'); END;
CREATE INDEX runs_cited ON report_runs (run_id);
CREATE INDEX ix_decisions_report_id ON decisions (report_id);
CREATE INDEX ix_decisions_assessment_id ON decisions (assessment_id);
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
COMMIT;
